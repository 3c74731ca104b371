public import Market
import RealModule

/// Estimators of annual variance from price bars. nil where there are too few bars.
///
/// Each is the variance of a bar over the mean length of a bar in years; crypto never closes, so the year has 365 × 24 hours.
public enum RealisedVolatility {
    /// 1/(n − 1) Σ (r − r̄)², r the log returns from close to close.
    public static func closeToClose(_ bars: ArraySlice<PriceBar>) -> Double? {
        guard bars.count >= 3 else { return nil }
        return sampleVariance(returns(bars)).map { $0 / meanYears(bars) }
    }

    /// 1/(4n ln 2) Σ ln(H/L)².
    ///
    /// Reference: Parkinson, *The extreme value method for estimating the variance of the rate of return*, J. Business 53 (1980).
    public static func parkinson(_ bars: ArraySlice<PriceBar>) -> Double? {
        mean(bars) { bar in
            let range = Double.log(bar.high / bar.low)
            return range * range / (4 * Double.log(2))
        }
    }

    /// 1/n Σ [½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)²].
    ///
    /// Reference: Garman, Klass, *On the estimation of security price volatilities from historical data*, J. Business 53 (1980).
    public static func garmanKlass(_ bars: ArraySlice<PriceBar>) -> Double? {
        mean(bars) { bar in
            let range = Double.log(bar.high / bar.low)
            let move = Double.log(bar.close / bar.open)
            return range * range / 2 - (2 * Double.log(2) - 1) * move * move
        }
    }

    /// 1/n Σ [ln(H/C) ln(H/O) + ln(L/C) ln(L/O)]: free of drift.
    ///
    /// Reference: Rogers, Satchell, *Estimating variance from high, low and closing prices*, Annals of Applied Probability 1 (1991).
    public static func rogersSatchell(_ bars: ArraySlice<PriceBar>) -> Double? {
        mean(bars, rogersSatchell)
    }

    /// σ_o² + κ σ_c² + (1 − κ) σ_RS², κ = 0.34/(1.34 + (n + 1)/(n − 1)): free of drift and of opening gaps.
    ///
    /// σ_o² and σ_c² are sample variances of ln(Oᵢ/Cᵢ₋₁) and ln(C/O); without gaps the first is zero.
    /// Reference: Yang, Zhang, *Drift-independent volatility estimation*, J. Business 73 (2000).
    public static func yangZhang(_ bars: ArraySlice<PriceBar>) -> Double? {
        // The first bar only gives the close before the second.
        guard bars.count >= 4 else { return nil }
        let used = bars.dropFirst()
        let n = Double(used.count)
        let gaps = zip(bars, used).map { Double.log($1.open / $0.close) }
        let moves = used.map { Double.log($0.close / $0.open) }
        guard let open = sampleVariance(gaps), let close = sampleVariance(moves) else { return nil }
        let kappa = 0.34 / (1.34 + (n + 1) / (n - 1))
        let drift = used.reduce(0) { $0 + rogersSatchell($1) } / n
        return (open + kappa * close + (1 - kappa) * drift) / meanYears(bars)
    }

    /// Σ 2^(−age/half-life) r² / Σ 2^(−age/half-life) Δt over all bars until a time: right for uneven bars.
    public static func exponential(_ bars: ArraySlice<PriceBar>, until time: Timestamp, halfLifeDays: Double) -> Double? {
        var squares = 0.0
        var years = 0.0
        guard let last = bars.last, bars.count >= 2 else { return nil }
        var weight = Double.exp2(-last.end.years(to: time) * 365 / halfLifeDays)
        // Most bars are as long as the one after them: the ratio of their weights is kept.
        var (length, decay) = (0.0, 1.0)
        for i in bars.indices.dropFirst().reversed() {
            let (before, bar) = (bars[i - 1], bars[i])
            let move = Double.log(bar.close / before.close)
            let own = before.end.years(to: bar.end)
            squares += weight * move * move
            years += weight * own
            if own != length { (length, decay) = (own, Double.exp2(-own * 365 / halfLifeDays)) }
            weight *= decay
        }
        return years > 0 ? squares / years : nil
    }

    /// Share of the realised variance that is jumps: max(RV − BV, 0)/RV, BV = π/2 Σ |rᵢ||rᵢ₋₁|.
    ///
    /// Reference: Barndorff-Nielsen, Shephard, *Power and bipower variation with stochastic volatility and jumps*, J. Financial
    /// Econometrics 2 (2004).
    public static func jumpShare(_ bars: ArraySlice<PriceBar>) -> Double? {
        let returns = returns(bars)
        guard returns.count >= 3 else { return nil }
        let realised = returns.reduce(0) { $0 + $1 * $1 }
        guard realised > 0 else { return nil }
        // One product fewer than squares: scaled up to the same number.
        let products = zip(returns, returns.dropFirst()).reduce(0) { $0 + $1.0.magnitude * $1.1.magnitude }
        let bipower = Double.pi / 2 * products * Double(returns.count) / Double(returns.count - 1)
        return max(realised - bipower, 0) / realised
    }

    /// Realised and bipower variance of the last day or days, from the prices at the ends of equal intervals. Annual.
    ///
    ///     RV = Σ r²,   BV = π/2 Σ |rᵢ||rᵢ₋₁| n/(n − 1)
    ///
    /// nil unless four in five of the intervals hold a bar's end: prices further apart say nothing of five minutes.
    ///
    /// Reference: Barndorff-Nielsen, Shephard, J. Financial Econometrics 2 (2004).
    public static func sampled(
        _ bars: ArraySlice<PriceBar>, until time: Timestamp, everyMinutes: Int, days: Double
    ) -> (realised: Double, bipower: Double)? {
        let length = Int64(everyMinutes) * 60 * Timestamp.nanosecondsPerSecond
        var sampled: [PriceBar] = []
        var interval: Int64?
        for bar in bars {
            // Counted backwards from the time, the bar that ends an interval last stands for it.
            let own = (time.nanoseconds - bar.end.nanoseconds) / length
            if own == interval { sampled[sampled.count - 1] = bar } else { sampled.append(bar) }
            interval = own
        }
        let expected = days * 1440 / Double(everyMinutes)
        guard sampled.count >= 4, Double(sampled.count) >= 0.8 * expected else { return nil }
        let returns = returns(sampled[...])
        let years = sampled[0].end.years(to: sampled[sampled.count - 1].end)
        let products = zip(returns, returns.dropFirst()).reduce(0) { $0 + $1.0.magnitude * $1.1.magnitude }
        return (
            returns.reduce(0) { $0 + $1 * $1 } / years,
            Double.pi / 2 * products * Double(returns.count) / Double(returns.count - 1) / years
        )
    }

    /// Σ r²/Σ Δt of each of the `count` days before a time, the last day first. Annual; nil for a day of which less than half is seen.
    public static func daily(_ bars: ArraySlice<PriceBar>, until time: Timestamp, count: Int) -> [Double?] {
        var squares = [Double](repeating: 0, count: count)
        var years = [Double](repeating: 0, count: count)
        for (before, bar) in zip(bars, bars.dropFirst()) {
            let age = time.nanoseconds - bar.end.nanoseconds
            let day = Int(age / Timestamp.nanosecondsPerDay)
            guard age >= 0, day < count else { continue }
            let move = Double.log(bar.close / before.close)
            squares[day] += move * move
            years[day] += before.end.years(to: bar.end)
        }
        return zip(squares, years).map { $1 >= 0.5 / 365 ? $0 / $1 : nil }
    }

    // MARK: Parts

    private static func rogersSatchell(_ bar: PriceBar) -> Double {
        Double.log(bar.high / bar.close) * Double.log(bar.high / bar.open) + Double.log(bar.low / bar.close)
            * Double.log(bar.low / bar.open)
    }

    private static func returns(_ bars: ArraySlice<PriceBar>) -> [Double] {
        zip(bars, bars.dropFirst()).map { Double.log($1.close / $0.close) }
    }

    private static func sampleVariance(_ values: [Double]) -> Double? {
        guard values.count >= 2 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// Mean length of a bar in years, from the times between ends.
    private static func meanYears(_ bars: ArraySlice<PriceBar>) -> Double {
        guard let first = bars.first, let last = bars.last, bars.count >= 2 else { return .nan }
        return first.end.years(to: last.end) / Double(bars.count - 1)
    }

    private static func mean(_ bars: ArraySlice<PriceBar>, _ term: (PriceBar) -> Double) -> Double? {
        // Bars of one observation have no range: they say nothing, not that nothing moved.
        guard bars.count >= 2, bars.contains(where: { $0.high > $0.low }) else { return nil }
        return bars.reduce(0) { $0 + term($1) } / Double(bars.count) / meanYears(bars)
    }
}
