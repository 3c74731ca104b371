import Features
import Market
import Pricing
import RealModule
import Surface

/// A holding's whole course: sensitivities, costs, gains and scenario moments at each of its snapshots.
struct BookCourseBuilder: Sendable {
    let tape: ChainTape
    let surfaces: [VolatilitySurface?]
    let settings: RecordedBookMarket.Settings

    private static let sums: [FeatureName] = [
        .bookDelta, .bookNetDelta, .bookGamma, .bookVega, .bookVanna, .bookValue, .bookQuantity,
    ]

    var names: [FeatureName] {
        [.decisionTime, .remainingSteps, .forward] + Self.sums + (settings.scenarios == nil ? [] : BookScenarios.names(instruments: 3))
    }

    func course(of holding: BookHolding) -> RecordedBookMarket.Course {
        var course = RecordedBookMarket.Course()
        let end = holding.start + settings.holdSnapshots
        // One price of the delta hedge along the whole path.
        let perpetuals = tape.perpetuals[holding.start...end]
        let carrier = perpetuals.allSatisfy { $0 != nil } ? perpetuals.compactMap { $0 } : Array(tape.indices[holding.start...end])
        for step in holding.start...end {
            let now = carrier[step - holding.start]
            let hedges = holding.hedges.map { greeks(of: $0, at: step) }
            course.prices.append([1] + holding.hedges.map { tape.value($0, at: step) })
            let costs = holding.hedges.map { cost(of: $0, at: step) }
            course.buying.append([settings.perpetualCost] + costs.map(\.buying))
            course.selling.append([settings.perpetualCost] + costs.map(\.selling))
            course.deltas.append([1] + hedges.map { $0?.coin.netDelta ?? 0 })
            course.gammas.append([0] + hedges.map { $0.map(\.relativeGamma) ?? 0 })
            course.vegas.append([0] + hedges.map { $0.map(\.weightedVega) ?? 0 })
            guard step < end else { break }
            course.features.append(features(of: holding, at: step))
            let next = carrier[step + 1 - holding.start]
            course.gains.append([1 - now / next] + holding.hedges.map { tape.value($0, at: step + 1) - tape.value($0, at: step) })
        }
        course.liability = holding.positions.reduce(0) {
            $0 + $1.quantity * (tape.value($1.number, at: end) - tape.value($1.number, at: holding.start))
        }
        return course
    }

    // MARK: One snapshot

    private struct Sensitivities {
        var coin: InverseGreeks
        var dollars: BlackGreeks
        var forward: Double
        /// FΓ.
        var relativeGamma: Double
        /// Coin per 1.00 of volatility, weighted by expiry.
        var weightedVega: Double
    }

    /// nil once expired.
    private func greeks(of number: Int, at step: Int) -> Sensitivities? {
        let contract = tape.contract(number)
        let years = tape.times[step].years(to: contract.expiry)
        guard years > 0, let row = tape.row(number, at: step) else { return nil }
        let dollars = Black76.greeks(
            contract.kind, forward: row.forward, strike: contract.strike, volatility: row.volatility, timeToExpiry: years)
        let coin = InverseGreeks(dollars, forward: row.forward)
        // An option in its last hour would weigh without end.
        let weight = settings.vegaWeighting == .none ? 1 : (30 / 365.0 / max(years, 1 / 8760.0)).squareRoot()
        return Sensitivities(
            coin: coin, dollars: dollars, forward: row.forward, relativeGamma: row.forward * dollars.gamma, weightedVega: weight * coin.vega
        )
    }

    private func features(of holding: BookHolding, at step: Int) -> [Double] {
        let index = tape.indices[step]
        var sums = [Double](repeating: 0, count: Self.sums.count)
        for (number, quantity) in holding.positions {
            guard let greeks = greeks(of: number, at: step) else { continue }
            let row = [
                greeks.dollars.delta, greeks.coin.netDelta, greeks.relativeGamma / index, greeks.weightedVega * index, greeks.dollars.vanna,
                tape.value(number, at: step), 1,
            ]
            for i in row.indices { sums[i] += quantity * row[i] }
        }
        let remaining = holding.start + settings.holdSnapshots - step
        return [Double(tape.times[step].nanoseconds) / 1e9, Double(remaining), index] + sums + moments(of: holding, at: step)
    }

    private func moments(of holding: BookHolding, at step: Int) -> [Double] {
        guard let scenarios = settings.scenarios else { return [] }
        let intervals = scenarios.intervals(at: step, tape: tape, surfaces: surfaces)
        guard !intervals.isEmpty, surfaces[step] != nil else { return BookScenarios.names(instruments: 3).map { _ in 0 } }
        func profits(_ number: Int) -> [Double] {
            guard let row = tape.row(number, at: step) else { return intervals.map { _ in 0 } }
            return scenarios.profits(
                of: tape.contract(number), row: row, at: step, intervals: intervals, tape: tape, surfaces: surfaces)
        }
        var book = intervals.map { _ in 0.0 }
        for (number, quantity) in holding.positions {
            for (i, profit) in profits(number).enumerated() { book[i] += quantity * profit }
        }
        let perpetual = intervals.map { 1 - Double.exp(-$0.move) }
        return BookScenarios.moments(book: book, hedges: [perpetual] + holding.hedges.map(profits), intervals: intervals)
    }

    /// Coin per option. Where a side is not quoted it is a tenth of the mark away, and never less than a tick.
    private func cost(of number: Int, at step: Int) -> (buying: Double, selling: Double) {
        guard tape.contract(number).expiry > tape.times[step], let row = tape.row(number, at: step) else { return (0, 0) }
        let fee = min(settings.optionFee, settings.optionFeeShare * row.mark)
        guard row.bid.isFinite, row.ask.isFinite, row.ask >= row.bid else {
            let missing = max(0.1 * row.mark, 0.0005)
            return (missing + fee, missing + fee)
        }
        let half = (row.ask - row.bid) / 2
        return (max(half, row.ask - row.mark) + fee, max(half, row.mark - row.bid) + fee)
    }
}
