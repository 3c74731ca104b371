import Market
import RealModule

/// What several features of one state read of the past.
struct PastFigures: Sendable {
    /// Surfaces of the last 70 days before the state's own, and that one: ten half-lives of a week.
    let points: [SurfacePoint]
    let factors: [SurfaceFactors]
    let forecast: HARForecast?
    /// Funding rates of the last ten days: as paid, else as the perpetual's premium at each snapshot predicts.
    let funding: [FundingPayment]
    /// Close-to-close variance of 30 days, annual.
    let realisedVariance: Double?
    /// Of the last day, by prices five minutes apart, annual.
    let fiveMinutes: (realised: Double, bipower: Double)?

    static let reachDays = 70.0

    init(_ state: MarketState) {
        points = state.past.surfaces.last(days: Self.reachDays, before: state.time).filter { $0.time < state.time } + [state.market.point]
        factors = points.map(SurfaceFactors.init)
        let days = HARForecast.days + 31
        forecast = HARForecast(
            daily: RealisedVolatility.daily(
                state.history.last(days: Double(days) + 1, before: state.time), until: state.time, count: days))
        let paid = state.past.funding.last(days: 10, before: state.time)
        let now = state.time
        funding =
            paid.isEmpty
            ? points.compactMap { point in
                guard point.time.years(to: now) * 365 < 10, let perpetual = point.perpetual else { return nil }
                return FundingPayment(time: point.time, rate: FundingRule.rate(premium: (perpetual - point.index) / point.index))
            } : Array(paid)
        realisedVariance = RealisedVolatility.closeToClose(state.history.last(days: 30, before: state.time))
        fiveMinutes = RealisedVolatility.sampled(
            state.history.last(days: 1, before: state.time), until: state.time, everyMinutes: 5, days: 1)
    }

    /// Change of a factor since the snapshot before; nil without one.
    func change(_ factor: KeyPath<SurfaceFactors, Double>) -> Double? {
        guard factors.count >= 2 else { return nil }
        return factors[factors.count - 1][keyPath: factor] - factors[factors.count - 2][keyPath: factor]
    }

    /// √(Σ w Δ²/Σ w Δt), the annual volatility of a figure over the past snapshots, weights halved every week; nil without two.
    func volatility(_ figure: (Int) -> Double?) -> Double? {
        guard let now = points.last?.time else { return nil }
        var (squares, years) = (0.0, 0.0)
        for i in points.indices.dropFirst() {
            guard let before = figure(i - 1), let after = figure(i), (after - before).isFinite else { continue }
            let weight = Double.exp2(-points[i].time.years(to: now) * 365 / 7)
            squares += weight * (after - before) * (after - before)
            years += weight * points[i - 1].time.years(to: points[i].time)
        }
        return years > 0 ? (squares / years).squareRoot() : nil
    }
}

/// Deribit's funding of eight hours at a premium p of the perpetual over the index: max(0.05 %, p) + min(−0.05 %, p), within ±0.5 %.
///
/// Reference: Deribit, *Inverse perpetual*, funding rate.
enum FundingRule {
    static func rate(premium: Double) -> Double { min(max(max(0.0005, premium) + min(-0.0005, premium), -0.005), 0.005) }
}
