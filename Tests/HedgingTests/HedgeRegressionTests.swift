import Features
import Hedging
import LinearAlgebra
import Market
import Probability
import Testing

@Suite("Regression hedges")
struct HedgeRegressionTests {
    static let snapshots: [MarketSnapshot] = {
        var chain = SimulatedChain()
        chain.days = 24
        chain.seed = 5
        return chain.snapshots().snapshots
    }()

    @Test(
        "a planted coefficient of every term is found again",
        arguments: [HedgeRegression.hullWhite(.net), .ridge(.plain), .minimumVariance(.net), .smile(.plain)])
    func recovers(regression: HedgeRegression) {
        var regression = regression
        regression.penalty = 0
        let planted = regression.terms.indices.map { 0.3 - 0.2 * Double($0) }
        let market = PlantedMarket(RegressionHedge(regression, coefficients: planted))
        let fitted = regression.fit(on: market, paths: 0..<2000, blockSize: 300)
        for (found, expected) in zip(fitted.schedule[0].values, planted) {
            #expect((found - expected).magnitude < 1e-7, "found \(fitted.schedule[0].values), planted \(planted)")
        }
        #expect(!fitted.isTimed && !fitted.inputs.contains(.decisionTime))
    }

    @Test("the fit's bits do not depend on the threads")
    func threads() {
        let market = PlantedMarket(RegressionHedge(.hullWhite(.net), coefficients: [0.1, -0.2, 0.3]))
        let one = HedgeRegression.hullWhite(.net).fit(on: market, paths: 0..<2000, blockSize: 128, workers: Workers(threads: 1))
        let two = HedgeRegression.hullWhite(.net).fit(on: market, paths: 0..<2000, blockSize: 128, workers: Workers(threads: 2))
        #expect(one == two)
    }

    @Test(
        "no look-ahead: poisoning every snapshot after a moment changes no holding until then",
        arguments: [HedgeRegression.hullWhite(.net), .ridge(.net), .smile(.net), timely])
    func noLookAhead(regression: HedgeRegression) {
        let honest = RecordedOptionMarket(snapshots: Self.snapshots, currency: "ETH")
        for cut in [30, 55, 80] {
            var poisoned = Self.snapshots
            for index in (cut + 1)..<poisoned.count {
                for row in poisoned[index].options.indices {
                    poisoned[index].options[row].quote.mark = (poisoned[index].options[row].quote.mark ?? 0) * 1.7 + 0.01
                    poisoned[index].options[row].forward *= 1.25
                    poisoned[index].options[row].vega = (poisoned[index].options[row].vega ?? 0) * 3
                    poisoned[index].options[row].markVolatility = 0.9
                }
            }
            let other = RecordedOptionMarket(snapshots: poisoned, currency: "ETH")
            let until = honest.paths(to: Timestamp(nanoseconds: Self.snapshots[cut].time.nanoseconds + 1))
            #expect(!until.isEmpty)
            let clean = holdings(regression.walkForward(on: honest), honest, until)
            let dirty = holdings(regression.walkForward(on: other), other, until)
            #expect(clean == dirty)
            // The poison is not so weak that nobody could notice it.
            let last = honest.contracts.count - 1..<honest.contracts.count
            if let end = other.recordedPaths, end > until.upperBound {
                let poisoned = holdings(regression.walkForward(on: other), other, end - 1..<end)
                #expect(holdings(regression.walkForward(on: honest), honest, last) != poisoned)
            }
        }
    }

    static var timely: HedgeRegression {
        var timely = HedgeRegression.hullWhite(.net)
        timely.refit = .always
        timely.halfLifeDays = 7
        timely.trustHalfLifeDays = 7
        return timely
    }

    private func holdings(_ hedge: RegressionHedge, _ market: RecordedOptionMarket, _ range: Range<Int>) -> [Double] {
        let batch = market.paths(range, features: hedge.inputs).decision(step: 0, holdings: Matrix(rows: range.count, columns: 1))
        return hedge.targetHoldings(batch).storage
    }

    @Test("each set of coefficients comes from intervals that had ended, and none before there are enough")
    func schedule() throws {
        let market = RecordedOptionMarket(snapshots: Self.snapshots, currency: "ETH")
        let hedge = HedgeRegression.smile(.net).walkForward(on: market)
        let first = try #require(hedge.schedule.first)
        // The 21st decision is the first at which 20 intervals lie behind.
        #expect(first.from == Double(Self.snapshots[20].time.nanoseconds) / 1e9)
        #expect(hedge.isTimed && hedge.inputs.contains(.decisionTime))
    }

    @Test("before the first fit the plain delta is held")
    func warmUp() {
        let market = RecordedOptionMarket(snapshots: Self.snapshots, currency: "ETH")
        let hedge = HedgeRegression.smile(.net).walkForward(on: market)
        let early = market.paths(to: Self.snapshots[10].time)
        let delta = market.column(.bookNetDelta)[early].map { -$0 }
        #expect(holdings(hedge, market, early) == delta)
    }
}

/// One-step paths on which a known hedge is perfect: its profit and the book's cancel.
struct PlantedMarket: HedgingMarket {
    let perfect: RegressionHedge
    let stream = RandomStream(seed: 3, purpose: .data)

    init(_ perfect: RegressionHedge) { self.perfect = perfect }

    var instruments: [HedgeInstrument] { [HedgeInstrument(name: "future", kind: .underlying)] }
    var recordedPaths: Int? { nil }
    let availableFeatures: [FeatureName] = [
        .bookDelta, .bookNetDelta, .bookVega, .bookVanna, .bookSmileVega, .bookSkewVega, .forward, .timeToExpiry, .logMoneyness,
        .impliedVolatility, .decisionTime, .bookGamma,
    ]

    func paths(_ range: Range<Int>, features names: [FeatureName]) -> any HedgingPaths {
        func uniform(_ low: Double, _ high: Double, _ dimension: Int) -> [Double] {
            range.map { low + (high - low) * stream.uniform(path: $0, step: 0, dimension: dimension) }
        }
        let features = FeatureMatrix(
            names: availableFeatures,
            columns: [
                uniform(-1, 1, 0), uniform(-1, 1, 1), uniform(-300, -10, 2), uniform(-2, 2, 3), uniform(-200, 200, 4),
                uniform(-200, 200, 5), uniform(900, 1100, 6), uniform(0.01, 1, 7), uniform(-0.4, 0.4, 8), uniform(0.2, 0.9, 9),
                range.map(Double.init), uniform(-0.01, -0.0001, 11),
            ])
        let moves = range.map { 0.02 * stream.normal(path: $0, step: 0, dimension: 10) }
        var paths = PlantedPaths(features: features, moves: Matrix(rows: range.count, columns: 1, storage: moves), liabilityGains: [])
        let held = perfect.targetHoldings(paths.decision(step: 0, holdings: Matrix(rows: range.count, columns: 1)))
        paths.liabilityGains = zip(held.storage, moves).map { -$0 * $1 }
        return paths
    }
}

struct PlantedPaths: HedgingPaths {
    let features: FeatureMatrix
    let moves: Matrix<Double>
    var liabilityGains: [Double]
    var count: Int { features.count }
    var steps: Int { 1 }
    var chargesUnwinding: Bool { false }
    var finalPrices: Matrix<Double> { Matrix(rows: count, columns: 1, repeating: 1) }
    func gains(step: Int) -> Matrix<Double> { moves }

    func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        let ones = Matrix<Double>(rows: count, columns: 1, repeating: 1)
        return DecisionBatch(
            features: features, instruments: [HedgeInstrument(name: "future", kind: .underlying)], prices: ones, deltas: ones, gammas: ones,
            vegas: ones, holdings: holdings)
    }
}
