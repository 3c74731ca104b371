import Features
import RealModule
import VectorKernels

/// Features of one step of a tile, 64 numbers each, in `Float`: the figures of `SimulatedPaths`.
final class TileColumns {
    static let features: Set<FeatureName> = [
        .logMoneyness, .timeToExpiry, .impliedVolatility, .forward, .variance, .bookDelta, .bookNetDelta, .bookGamma, .bookVega,
        .bookQuantity, .bookSmileVega, .bookModelDelta, .bookVarianceVega, .varianceSpotSlope, .hedgeModelDelta, .hedgeVarianceVega,
    ]

    private let market: SimulatedMarket
    private let memory: AssetMemory
    private let referenceVolatility: Float
    private let n = PolicyBlock.samples
    private var step = 0
    private var sheet: HestonSheet?
    /// The leg whose places on the sheet were found last.
    private var placedLeg: Int?

    init(_ market: SimulatedMarket, _ memory: AssetMemory) {
        self.market = market
        self.memory = memory
        referenceVolatility = market.sheets == nil ? Float(market.referenceVolatility) : 0
    }

    func begin(step: Int) {
        self.step = step
        sheet = nil
        placedLeg = nil
    }

    private var logReturns: UnsafePointer<Float> { UnsafePointer(memory.logReturns + step * n) }
    private var spots: UnsafePointer<Float> { UnsafePointer(memory.spots + step * n) }
    private var variances: UnsafePointer<Float> { UnsafePointer(memory.variances + step * n) }
    private var years: Double { market.grid.timeToMaturity(step) }
    private func logStrike(_ leg: Int) -> Float { Float(Double.log(market.claim.legs[leg].strike / market.simulator.spot)) }

    func fill(_ feature: FeatureName, _ row: UnsafeMutablePointer<Float>) {
        let legs = market.claim.legs
        switch feature {
        case .logMoneyness:
            let (logStrike, logReturns) = (logStrike(0), logReturns)
            for i in 0..<n { row[i] = logStrike - logReturns[i] }
        case .timeToExpiry: row.update(repeating: Float(years), count: n)
        case .impliedVolatility: fillVolatility(0, row)
        case .forward: row.update(from: spots, count: n)
        case .variance: row.update(from: variances, count: n)
        case .bookQuantity: row.update(repeating: Float(legs[0].quantity), count: n)
        case .varianceSpotSlope:
            let slope = market.affine.map { Float($0.heston.correlation * $0.heston.volatilityOfVariance) } ?? 0
            let spots = spots
            for i in 0..<n { row[i] = slope / spots[i] }
        case .hedgeModelDelta: row.update(repeating: 0, count: n)
        case .hedgeVarianceVega:
            let vega = market.hedges.contains(.varianceSwap) ? market.heston?.memory(years) ?? 0 : 0
            row.update(repeating: Float(vega), count: n)
        case .bookDelta, .bookNetDelta, .bookGamma, .bookVega, .bookSmileVega, .bookModelDelta, .bookVarianceVega:
            row.update(repeating: 0, count: n)
            for leg in legs.indices { add(feature, leg, to: row) }
        default: preconditionFailure("the fast road has no feature '\(feature)'")
        }
    }

    /// Adds what one leg is of a book's figure.
    private func add(_ feature: FeatureName, _ leg: Int, to row: UnsafeMutablePointer<Float>) {
        switch feature {
        case .bookDelta: addDelta(leg, isNet: false, to: row)
        case .bookNetDelta: addDelta(leg, isNet: true, to: row)
        case .bookGamma: addDensity(leg, to: row) { quantity, spot, deviation in quantity / (spot * deviation) }
        case .bookVega:
            let root = Float(years.squareRoot())
            addDensity(leg, to: row) { quantity, spot, _ in quantity * spot * root }
        case .bookSmileVega:
            guard let slopes = model(.smileSlope, leg) else { return }
            let root = Float(years.squareRoot())
            addDensity(leg, to: row) { quantity, spot, _ in
                quantity * spot * root
            } weight: {
                slopes[$0]
            }
        case .bookModelDelta:
            guard let deltas = model(.delta, leg) else { return addDelta(leg, isNet: false, to: row) }
            let quantity = Float(market.claim.legs[leg].quantity)
            let shift: Float = market.claim.legs[leg].kind == .call ? 0 : 1
            for i in 0..<n { row[i] += quantity * (deltas[i] - shift) }
        case .bookVarianceVega:
            guard let vegas = model(.varianceVega, leg) else { return }
            let factor = Float(market.claim.legs[leg].quantity * market.claim.legs[leg].strike)
            for i in 0..<n { row[i] += factor * vegas[i] }
        default: preconditionFailure("'\(feature)' is no sum over the book")
        }
    }

    // MARK: Black

    private var first: UnsafeMutablePointer<Float> { memory.scratch }
    private var second: UnsafeMutablePointer<Float> { memory.scratch + n }
    private var third: UnsafeMutablePointer<Float> { memory.scratch + 2 * n }

    private func fillVolatility(_ leg: Int, _ row: UnsafeMutablePointer<Float>) {
        if let sheet = place(leg) {
            sheet.read(.impliedVolatility, places, to: row)
        } else {
            row.update(repeating: referenceVolatility, count: n)
        }
    }

    /// Below this deviation Black's figures are those without any: it keeps quotients finite.
    private static let leastDeviation: Float = 1e-12

    /// σ√τ in `first`, d₁ in `second`.
    private func fillDeviations(_ leg: Int) {
        let (deviations, d1) = (first, second)
        fillVolatility(leg, deviations)
        let (root, logStrike, logReturns) = (Float(years.squareRoot()), logStrike(leg), logReturns)
        for i in 0..<n { deviations[i] = max(deviations[i] * root, Self.leastDeviation) }
        for i in 0..<n { d1[i] = (logReturns[i] - logStrike) / deviations[i] + deviations[i] / 2 }
    }

    /// q ω N(ω d₁), or net of the premium in coin, q ω (K/S) N(ω d₂).
    private func addDelta(_ leg: Int, isNet: Bool, to row: UnsafeMutablePointer<Float>) {
        fillDeviations(leg)
        let omega = Float(market.claim.legs[leg].kind.sign)
        let quantity = Float(market.claim.legs[leg].quantity) * omega
        let (deviations, tails, spots) = (first, second, spots)
        if isNet { for i in 0..<n { tails[i] -= deviations[i] } }
        for i in 0..<n { tails[i] *= omega }
        VectorFunctions.normalCDF(tails, to: tails, count: n)
        if isNet {
            let strike = Float(market.claim.legs[leg].strike)
            for i in 0..<n { row[i] += quantity * tails[i] * (strike / spots[i]) }
        } else {
            for i in 0..<n { row[i] += quantity * tails[i] }
        }
    }

    /// φ(d₁) times `factor(q, S, σ√τ)` and a weight of each path.
    @inline(__always)
    private func addDensity(
        _ leg: Int, to row: UnsafeMutablePointer<Float>, factor: (_ quantity: Float, _ spot: Float, _ deviation: Float) -> Float,
        weight: (Int) -> Float = { _ in 1 }
    ) {
        fillDeviations(leg)
        let quantity = Float(market.claim.legs[leg].quantity / (2 * Double.pi).squareRoot())
        let (deviations, densities, spots) = (first, second, spots)
        for i in 0..<n { densities[i] *= -0.5 * densities[i] }
        VectorFunctions.exp(densities, to: densities, count: n)
        for i in 0..<n { row[i] += weight(i) * densities[i] * factor(quantity, spots[i], deviations[i]) }
    }

    // MARK: Heston

    private var places: SheetTile.Places { SheetTile.Places(memory.scratch + 3 * n) }

    /// The step's sheet with the leg's places found; nil in a market without.
    private func place(_ leg: Int) -> HestonSheet? {
        guard let sheets = market.sheets else { return nil }
        let found = sheet ?? sheets[years]
        sheet = found
        if placedLeg != leg {
            let (moneyness, logStrike, logReturns) = (third, logStrike(leg), logReturns)
            for i in 0..<n { moneyness[i] = logReturns[i] - logStrike }
            found.tile.find(moneyness, variance: variances, places)
            placedLeg = leg
        }
        return found
    }

    /// A figure of the leg in `third`.
    private func model(_ figure: HestonSheet.Figure, _ leg: Int) -> UnsafeMutablePointer<Float>? {
        guard let sheet = place(leg) else { return nil }
        sheet.read(figure, places, to: third)
        return third
    }
}
