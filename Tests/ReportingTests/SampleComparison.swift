import Reporting
import Store

/// An invented comparison with every part a report can have: numbers of a plausible size, no market behind them.
enum SampleComparison {
    static let strategies = ["learned", "whalley-wilmott", "delta", "leland", "none"]

    static let tables = ComparisonTables(
        name: "sample", about: "One sold call, hedged with spot on 30 days at a cost of 0.1 %. Invented figures.", unit: "USD",
        riskMeasure: "entropic risk, aversion 1", exact: .init(price: 2.52499, method: "dynamic-programming"),
        strategies: strategies.enumerated().map { index, name in
            .init(
                name, isLearned: index == 0,
                figures: [
                    .init("price", [2.531, 2.561, 2.66, 2.64, 6.1][index]), .init("priceStandardError", 0.001),
                    .init("standardDeviation", [0.41, 0.43, 0.38, 0.39, 3.1][index]),
                    .init("tradingCost", [0.1, 0.12, 0.24, 0.22, 0][index]),
                    .init("turnover", index == 4 ? .nan : 2 + Double(index)),
                ])
        },
        profits: strategies.enumerated().map { index, name in .init(name, profits(index)) },
        hedgeRatios: ["learned", "whalley-wilmott", "delta"].enumerated().map { index, name in
            let moneyness = (-20...20).map { Double($0) / 100 }
            let times = (1...30).map { Double($0) / 365 }
            return .init(
                name, logMoneyness: moneyness, timeToExpiry: times,
                ratios: times.map { time in
                    moneyness.map { 0.5 - 0.5 * tanh($0 / (0.25 * time.squareRoot())) * (index == 0 ? 0.94 : index == 1 ? 0.97 : 1) }
                })
        },
        frontier: frontier,
        surface: [(7.0, "30 Jan 2026"), (21, "13 Feb 2026"), (63, "27 Mar 2026"), (154, "26 Jun 2026")].map(slice),
        differences: [.init("learned", against: "whalley-wilmott", measure: "price", difference: -0.03, low: -0.031, high: -0.029)],
        months: (1...6).flatMap { month in
            ["learned", "whalley-wilmott"].enumerated().map { index, name in
                .init(
                    "2026-0\(month)", name,
                    figures: [.init("intervals", 1000), .init("rmseReduction", 0.88 + 0.005 * Double(month % 3 - index))])
            }
        })

    private static var frontier: [ComparisonTables.FrontierPoint] {
        let single: [(String, Double, Double)] = [("learned", 0.1, 0.41), ("delta", 0.24, 0.37), ("leland", 0.22, 0.38)]
        let family = (0..<5).map { index in
            let step = Double(index)
            return ComparisonTables.FrontierPoint(
                "whalley-wilmott", setting: "aversion \(index + 1)", tradingCost: 0.08 + 0.02 * step, risk: 0.47 - 0.013 * step)
        }
        return single.map { ComparisonTables.FrontierPoint($0.0, tradingCost: $0.1, risk: $0.2) } + family
    }

    private static func slice(days: Double, expiry: String) -> ComparisonTables.Slice {
        func volatility(_ k: Double) -> Double { 0.5 + 18 / days * k * k - 0.1 * k }
        let fitted = (-60...60).map { (logMoneyness: Double($0) / 220, volatility: volatility(Double($0) / 220)) }
        let quotes = (-10...10).map { index -> (logMoneyness: Double, bid: Double, ask: Double) in
            let k = Double(index) / 40
            let bid = index == -7 ? Double.nan : volatility(k) - 0.01 - 0.05 * k.magnitude
            return (k, bid, volatility(k) + (index == -4 ? -0.002 : 0.012))
        }
        return ComparisonTables.Slice(expiry: expiry, timeToExpiry: days / 365, fitted: fitted, quotes: quotes)
    }

    /// 4000 draws that look like hedged profits: one middle, a tail of losses.
    private static func profits(_ strategy: Int) -> [Double] {
        var state: UInt64 = 42
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-53
        }
        return (0..<4000).map { _ in
            let middle = (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
            let tail = uniform()
            return [-2.4, -2.42, -2.54, -2.52, -2.3][strategy] + [0.4, 0.42, 0.37, 0.38, 3][strategy] * (middle - 0.6 * tail * tail * tail)
        }
    }

    private static func tanh(_ x: Double) -> Double { x > 20 ? 1 : x < -20 ? -1 : 1 - 2 / (exponential(2 * x) + 1) }

    private static func exponential(_ x: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        let small = x / 64
        for index in 1..<20 {
            term *= small / Double(index)
            sum += term
        }
        return (0..<6).reduce(sum) { value, _ in value * value }
    }

    static let record = RunRecord(
        name: "sample", command: "compare", experiment: ["name": "sample"], seed: 1,
        machine: Machine(processor: "a test", cores: 1, system: "any"), startedAt: "2026-11-23T11:00:00Z", results: nil)
}
