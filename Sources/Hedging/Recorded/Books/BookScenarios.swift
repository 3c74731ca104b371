import Market
import Pricing
import RealModule
public import Features
import Surface

/// What the past says a book and its hedges would do together: second moments of their profits over one interval.
///
/// Every earlier interval is replayed on today's positions. Its relative move of the index x and its change of the surface at fixed
/// log-moneyness and time to expiry are applied to an option of k = ln(K/F) and σ today:
///
///     σ' = σ + [σ_now(k − x, T) − σ_now(k, T)] + [σ_after(k − x, T) − σ_before(k − x, T)],   Δv = v(F eˣ, σ', T) − v(F, σ, T)
///
/// Moments are about the mean, with weights that halve every `halfLifeDays`. An interval counts from the moment it has ended.
public struct BookScenarios: Sendable, Equatable, Codable {
    /// Intervals that are looked back on, at most.
    public var window = 120
    public var halfLifeDays = 15.0
    /// With fewer intervals there are no moments: they are zero, and strategies that read them fall back to the net delta.
    public var minimumIntervals = 20

    public init() {}

    struct Interval {
        var after: Int
        var move: Double
        var weight: Double
    }

    /// The intervals known at a snapshot, with weights that sum to one.
    func intervals(at step: Int, tape: ChainTape, surfaces: [VolatilitySurface?]) -> [Interval] {
        guard step > 0 else { return [] }
        var intervals: [Interval] = []
        for after in max(1, step - window + 1)...step where surfaces[after] != nil && surfaces[after - 1] != nil {
            let age = tape.times[after].years(to: tape.times[step]) * 365
            intervals.append(
                Interval(
                    after: after, move: Double.log(tape.indices[after] / tape.indices[after - 1]), weight: Double.exp2(-age / halfLifeDays))
            )
        }
        guard intervals.count >= minimumIntervals else { return [] }
        let total = intervals.reduce(0) { $0 + $1.weight }
        for i in intervals.indices { intervals[i].weight /= total }
        return intervals
    }

    /// Δv of one option in every interval.
    func profits(
        of contract: OptionContract, row: ChainTape.Row, at step: Int, intervals: [Interval], tape: ChainTape,
        surfaces: [VolatilitySurface?]
    ) -> [Double] {
        let years = tape.times[step].years(to: contract.expiry)
        guard years > 0, let now = surfaces[step]?.smile(timeToExpiry: years) else { return intervals.map { _ in 0 } }
        let k = Double.log(contract.strike / row.forward)
        let root = years.squareRoot()
        func volatility(_ smile: InterpolatedSmile<FittedSmile>, _ k: Double) -> Double {
            smile.totalVariance(atLogMoneyness: k).squareRoot() / root
        }
        let here = volatility(now, k)
        let value = InverseOption.value(
            contract.kind, forward: row.forward, strike: contract.strike, totalVariance: row.volatility * row.volatility * years)
        return intervals.map { interval in
            guard let before = surfaces[interval.after - 1], let after = surfaces[interval.after] else { return 0 }
            let moved = k - interval.move
            let change = volatility(after.smile(timeToExpiry: years), moved) - volatility(before.smile(timeToExpiry: years), moved)
            // A surface that fell by more than it is would leave none: a twentieth stays.
            let sigma = max(row.volatility + volatility(now, moved) - here + change, row.volatility / 20)
            return InverseOption.value(
                contract.kind, forward: row.forward * Double.exp(interval.move), strike: contract.strike,
                totalVariance: sigma * sigma * years)
                - value
        }
    }

    /// Moments of one row: book with book, book with each hedge, then the hedges' upper triangle by rows.
    static func moments(book: [Double], hedges: [[Double]], intervals: [Interval]) -> [Double] {
        let units = [book] + hedges
        let means = units.map { unit in zip(unit, intervals).reduce(0) { $0 + $1.0 * $1.1.weight } }
        var moments: [Double] = []
        for i in units.indices {
            for j in i..<units.count {
                moments.append(
                    intervals.indices.reduce(0) { $0 + intervals[$1].weight * (units[i][$1] - means[i]) * (units[j][$1] - means[j]) })
            }
        }
        return moments
    }

    /// The columns of ``moments(book:hedges:intervals:)`` for so many hedge instruments.
    public static func names(instruments: Int) -> [FeatureName] {
        (0...instruments).flatMap { i in
            (i...instruments).map { j in
                let label = { (unit: Int) in unit == 0 ? "book" : "\(unit - 1)" }
                return FeatureName(rawValue: "scenario-covariance-\(label(i))-\(label(j))")
            }
        }
    }
}
