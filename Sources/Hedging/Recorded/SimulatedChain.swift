public import Market
import Pricing
import Probability
import RealModule

/// A made-up recording of an option venue: chains at irregular hours, as a collector would have read them from Deribit.
///
/// Spot and variance follow Bates' model (stochastic variance, correlated, with jumps). Marks are Black-76 on an SSVI smile whose level
/// follows the simulated variance and whose skew wanders, so that a smile responds to spot as real ones do and is free of arbitrage:
///
///     w(k) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 − ρ²)),   φ = η / √(θ(1 + θ)),   θ = ∫₀ᵀ E[v] dt,   η(1 + |ρ|) ≤ 2
///
/// Quotes lie on the venue's ticks around the marks; rows of a snapshot are read at slightly different moments. Everything is rounded
/// as the venue rounds it, so that a chain written to a file and read again is equal. A few asks are planted fat fingers.
///
/// Reference: Gatheral, Jacquier, *Arbitrage-free SVI volatility surfaces*, Quantitative Finance 14 (2014), the power-law surface.
public struct SimulatedChain: Sendable, Equatable, Codable {
    public var currency: Currency = "ETH"
    public var seed: UInt64 = 1
    /// The first snapshot comes within an hour after this moment.
    public var start = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    public var days = 30
    public var snapshotsPerDay = 4

    public var spot = 3000.0
    /// v₀, annual.
    public var initialVariance = 0.5
    public var meanReversion = 6.0
    public var longRunVariance = 0.5
    public var volatilityOfVariance = 2.0
    /// Of spot and variance.
    public var correlation = -0.4
    /// Jumps of the log spot a year, their mean and standard deviation.
    public var jumpIntensity = 8.0
    public var jumpMean = -0.03
    public var jumpDeviation = 0.03
    /// Annual growth of the forwards over the spot.
    public var carry = 0.05

    /// η and the mean of ρ of the smile.
    public var smileCurvature = 0.6
    public var smileSkew = -0.25

    /// Strikes of an expiry at its listing; more are listed as the spot moves.
    public var strikesPerExpiry = 7
    /// Asks multiplied to many times the mark, over the whole recording.
    public var fatFingers = 8

    public init() {}

    /// The asks that are planted, by snapshot and row: what a filter has to find.
    public struct Planted: Sendable, Equatable {
        public var time: Timestamp
        public var contract: OptionContract
    }

    /// - Returns: Snapshots in order of time, rows in the order of the venue's names; and the fat fingers in them.
    public func snapshots() -> (snapshots: [MarketSnapshot], planted: [Planted]) {
        precondition(days > 0 && snapshotsPerDay > 0 && spot > 0 && strikesPerExpiry > 1, "an empty recording")
        precondition(
            smileCurvature * (1 + smileSkew.magnitude + 3 * Self.skewDeviation) <= 2,
            "curvature \(smileCurvature) with skew \(smileSkew) admits butterfly arbitrage: η(1 + |ρ|) must stay within 2")
        var path = Path(self)
        var listed: [Timestamp: Set<Double>] = [:]
        var snapshots: [MarketSnapshot] = []
        let count = days * snapshotsPerDay
        for index in 0..<count {
            let late = path.uniform(index, .readingTime) * 3600e9
            let slot = Double(index) / Double(snapshotsPerDay) * Double(Timestamp.nanosecondsPerDay)
            let time = Timestamp(milliseconds: (start.nanoseconds + Int64(slot + late)) / 1_000_000)
            path.advance(to: time)
            list(at: time, spot: path.spot, in: &listed)
            snapshots.append(snapshot(at: time, index, path, listed))
        }
        return plant(in: snapshots, path)
    }

    // MARK: - Path

    private static let skewDeviation = 0.08
    private static let skewMeanReversion = 15.0

    /// What each stream of random numbers is for. Streams have addresses, so that a change of one does not move the others.
    private enum Use: Int {
        case path, readingTime, row, quote, interest, fatFinger
    }

    /// Bates' model and a wandering skew, stepped in five minutes by Euler's scheme with the variance cut off at zero.
    private struct Path {
        let settings: SimulatedChain
        let stream: RandomStream
        var spot: Double
        var variance: Double
        var skew: Double
        var time: Timestamp
        var step = 0

        init(_ settings: SimulatedChain) {
            self.settings = settings
            stream = RandomStream(seed: settings.seed, purpose: .data)
            spot = settings.spot
            variance = settings.initialVariance
            skew = settings.smileSkew
            time = settings.start
        }

        mutating func advance(to end: Timestamp) {
            let years = time.years(to: end)
            let steps = max(1, Int((years * 365 * 288).rounded(.up)))
            let dt = years / Double(steps)
            let root = dt.squareRoot()
            let s = settings
            let jumpDrift = s.jumpIntensity * (Double.exp(s.jumpMean + s.jumpDeviation * s.jumpDeviation / 2) - 1)
            for _ in 0..<steps {
                let z1 = normal(step, .path, 0)
                let z2 = normal(step, .path, 1)
                let v = max(variance, 0)
                var move = -(v / 2 + jumpDrift) * dt + (v * dt).squareRoot() * z1
                if stream.uniform(path: Use.path.rawValue, step: step, dimension: 4) < s.jumpIntensity * dt {
                    move += s.jumpMean + s.jumpDeviation * normal(step, .path, 2)
                }
                let shock = s.correlation * z1 + (1 - s.correlation * s.correlation).squareRoot() * z2
                spot *= Double.exp(move)
                variance += s.meanReversion * (s.longRunVariance - v) * dt + s.volatilityOfVariance * (v * dt).squareRoot() * shock
                skew +=
                    skewMeanReversion * (s.smileSkew - skew) * dt
                    + skewDeviation * (2 * skewMeanReversion).squareRoot() * root * normal(step, .path, 3)
                skew = min(max(skew, s.smileSkew - 3 * skewDeviation), s.smileSkew + 3 * skewDeviation)
                step += 1
            }
            time = end
        }

        func normal(_ step: Int, _ use: Use, _ dimension: Int) -> Double {
            stream.normal(path: use.rawValue, step: step, dimension: dimension)
        }

        func uniform(_ step: Int, _ use: Use, _ dimension: Int = 0) -> Double {
            stream.uniform(path: use.rawValue, step: step, dimension: dimension)
        }
    }

    // MARK: - Listing

    /// The next three days, three Fridays, two month ends and two quarter ends, all 08:00 UTC, that lie ahead.
    static func expiries(at time: Timestamp) -> [Timestamp] {
        var found: Set<Timestamp> = []
        let today = time.date.daysSinceEpoch
        func add(_ day: Int) {
            let expiry = Timestamp(CivilDate(daysSinceEpoch: day), hour: DeribitName.expiryHour)
            if expiry > time { found.insert(expiry) }
        }
        for day in today...today + 3 where found.count < 3 { add(day) }
        // 1970-01-02 was a Friday.
        let friday = today + (1 - today % 7 + 7) % 7
        var fridays = 0
        for week in 0..<5 where fridays < 3 {
            let before = found.count
            add(friday + 7 * week)
            if found.count > before || week > 0 { fridays += 1 }
        }
        var months = 0
        var quarters = 0
        for ahead in 0..<12 where months < 2 || quarters < 2 {
            let month = time.date.month - 1 + ahead
            let (year, number) = (time.date.year + month / 12, month % 12 + 1)
            guard let last = CivilDate(year: year, month: number, day: CivilDate.days(inMonth: number, of: year)) else { continue }
            let day = last.daysSinceEpoch - (last.daysSinceEpoch - 1 + 7) % 7
            guard Timestamp(CivilDate(daysSinceEpoch: day), hour: DeribitName.expiryHour) > time else { continue }
            if months < 2 {
                add(day)
                months += 1
            }
            if number % 3 == 0, quarters < 2 {
                add(day)
                quarters += 1
            }
        }
        return found.sorted()
    }

    /// Strikes around the spot, spaced by a round step of about a third of a standard deviation; what is listed stays listed.
    private func list(at time: Timestamp, spot: Double, in listed: inout [Timestamp: Set<Double>]) {
        for expiry in listed.keys where expiry <= time { listed[expiry] = nil }
        for expiry in Self.expiries(at: time) {
            let deviation = spot * (longRunVariance * max(time.years(to: expiry), 0.005)).squareRoot()
            let strikes = listed[expiry] ?? []
            // A later step is finer and would fill the grid, so the first one's spacing is kept.
            let spacing = strikes.count > 1 ? Self.spacing(strikes) : Self.roundStep(0.4 * deviation)
            let centre = (spot / spacing).rounded() * spacing
            let reach = strikesPerExpiry / 2
            var all = strikes
            for offset in -reach...reach {
                let strike = centre + Double(offset) * spacing
                if strike > 0 { all.insert(strike) }
            }
            listed[expiry] = all
        }
    }

    private static func spacing(_ strikes: Set<Double>) -> Double {
        let sorted = strikes.sorted()
        return zip(sorted, sorted.dropFirst()).map { $1 - $0 }.min() ?? sorted[0]
    }

    /// The largest of 1, 2, 2.5 and 5 times a power of ten that is not above, and at least 1.
    private static func roundStep(_ size: Double) -> Double {
        var best = 1.0
        var power = 1.0
        while power <= size {
            for factor in [1, 2, 2.5, 5] where factor * power <= size && (factor * power).rounded() == factor * power {
                best = factor * power
            }
            power *= 10
        }
        return best
    }

    // MARK: - Snapshot

    private func snapshot(at time: Timestamp, _ index: Int, _ path: Path, _ listed: [Timestamp: Set<Double>]) -> MarketSnapshot {
        var contracts: [(name: String, contract: OptionContract)] = []
        for (expiry, strikes) in listed {
            for strike in strikes {
                for kind in OptionKind.allCases {
                    let contract = OptionContract(
                        underlying: currency, kind: kind, strike: strike, expiry: expiry, settlement: .inverse)
                    guard let name = try? DeribitName.format(.option(contract)) else { continue }
                    contracts.append((name, contract))
                }
            }
        }
        contracts.sort { $0.name < $1.name }
        let options = contracts.enumerated().map { row, entry in
            quote(entry.contract, at: time, step: index * 4096 + row, key: Self.key(entry.name), path)
        }
        var forwards: [Timestamp: [Double]] = [:]
        for option in options where !option.forwardName.hasPrefix("SYN.") {
            forwards[option.contract.expiry, default: []].append(option.forward)
        }
        return MarketSnapshot(
            time: time, currency: currency, index: Self.median(options.map(\.index)), options: options,
            futures: forwards.keys.sorted().map { FutureQuote(expiry: $0, quote: Quote(mark: Self.median(forwards[$0] ?? []))) },
            perpetual: Quote(mark: Self.rounded(path.spot * (1 + 2e-4 * path.normal(index, .readingTime, 2)), 2)))
    }

    private func quote(_ contract: OptionContract, at time: Timestamp, step: Int, key: Int, _ path: Path) -> OptionQuote {
        let years = time.years(to: contract.expiry)
        let spot = path.spot * (1 + 5e-5 * path.normal(step, .row, 0))
        let index = Self.rounded(spot, 2)
        let forward = Self.rounded(spot * Double.exp(carry * years), 2)
        let k = Double.log(contract.strike / forward)
        let volatility = Self.rounded((totalVariance(k, years, path) / years).squareRoot(), 4)
        let greeks = Black76.greeks(
            contract.kind, forward: forward, strike: contract.strike, volatility: volatility, timeToExpiry: years)
        let mark = Self.rounded(greeks.price / forward, 8)
        let half = greeks.vega / forward * (0.006 + 0.012 * k.magnitude / (volatility * years.squareRoot() + 0.02)) + 1e-4
        let bid = Self.onTick(mark - half * (0.6 + 0.8 * path.uniform(step, .quote, 0)), down: true)
        let ask = Self.onTick(mark + half * (0.6 + 0.8 * path.uniform(step, .quote, 1)), down: false)
        // Open interest belongs to the option, not to the moment.
        let interest = path.uniform(key, .interest)
        let held = interest < 0.08 ? 0 : Self.rounded(200 * Double.exp(-4 * k * k / (volatility * volatility * years + 0.02)) * interest, 1)
        let traded = path.uniform(step, .interest, 1)
        return OptionQuote(
            contract: contract,
            quote: Quote(bid: bid > 0 ? bid : nil, ask: ask, mark: mark), markVolatility: volatility,
            delta: Self.rounded(greeks.delta, 5), vega: Self.rounded(greeks.vega / 100, 5) * 100,
            openInterest: held, volume: traded < 0.5 ? 0 : Self.rounded(held * (traded - 0.5) * 0.2, 1), forward: forward,
            forwardName: forwardName(contract.expiry), index: index)
    }

    /// The smile's total variance at one log-moneyness.
    private func totalVariance(_ k: Double, _ years: Double, _ path: Path) -> Double {
        let decay = meanReversion * years
        let level = longRunVariance * years + (max(path.variance, 0.02) - longRunVariance) * -Double.expMinusOne(-decay) / meanReversion
        let jumps = jumpIntensity * (jumpMean * jumpMean + jumpDeviation * jumpDeviation) * years
        let theta = level + jumps
        let phi = smileCurvature / (theta * (1 + theta)).squareRoot()
        let rho = path.skew
        let x = phi * k + rho
        return theta / 2 * (1 + rho * phi * k + (x * x + 1 - rho * rho).squareRoot())
    }

    /// Month ends have a dated future, other expiries a synthetic forward.
    private func forwardName(_ expiry: Timestamp) -> String {
        let date = expiry.date
        let monthEnd = date.day + 7 > CivilDate.days(inMonth: date.month, of: date.year) && (date.daysSinceEpoch - 1) % 7 == 0
        let name = (try? DeribitName.format(.future(underlying: currency, expiry: expiry, settlement: .inverse))) ?? "INDEX"
        return monthEnd ? name : "SYN." + name
    }

    // MARK: - Fat fingers

    private func plant(in recorded: [MarketSnapshot], _ path: Path) -> (snapshots: [MarketSnapshot], planted: [Planted]) {
        var snapshots = recorded
        var planted: [Planted] = []
        for finger in 0..<fatFingers {
            let index = Int(path.uniform(finger, .fatFinger, 0) * Double(snapshots.count))
            let candidates = snapshots[index].options.indices.filter { (snapshots[index].options[$0].quote.mark ?? 0) > 0.01 }
            guard !candidates.isEmpty else { continue }
            let row = candidates[Int(path.uniform(finger, .fatFinger, 1) * Double(candidates.count))]
            let option = snapshots[index].options[row]
            let entry = Planted(time: snapshots[index].time, contract: option.contract)
            guard !planted.contains(entry) else { continue }
            let factor = 5 + 20 * path.uniform(finger, .fatFinger, 2)
            snapshots[index].options[row].quote.ask = Self.onTick(factor * (option.quote.mark ?? 0), down: false)
            planted.append(entry)
        }
        planted.sort { $0.time < $1.time }
        return (snapshots, planted)
    }

    // MARK: - Rounding

    /// The venue's tick: 0.0001 coin below 0.005, 0.0005 from there on.
    private static func onTick(_ price: Double, down: Bool) -> Double {
        let perCoin = price < 0.005 ? 10_000.0 : 2_000.0
        let ticks = (price * perCoin + (down ? 1e-9 : -1e-9)).rounded(down ? .down : .up)
        return ticks / perCoin
    }

    /// The double nearest to the decimal number, so that it is written short and read back equal.
    private static func rounded(_ value: Double, _ decimals: Int) -> Double {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        return (value * scale).rounded() / scale
    }

    /// The same number for the same name, on every machine.
    private static func key(_ name: String) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash & 0x7FFF_FFFF)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
