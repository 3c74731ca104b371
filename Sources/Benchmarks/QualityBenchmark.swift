import Hedging
import LinearAlgebra
import Probability
import Stochastics

extension Benchmark {
    static let quality = Benchmark(
        name: "quality", summary: "seconds of training until the validation price stays near the exact one", runsUnasked: false
    ) { run in
        var rows: [BenchmarkRow] = []
        let market = try goodMarket(.trainingPaths)
        guard var recursion = ExactEntropicHedge(market, riskAversion: 1) else { preconditionFailure("this market has an exact price") }
        if run.scale < 1 { (recursion.holdingNodes, recursion.nodesPerDeviation) = (41, 4) }
        let exact = recursion.solve(workers: run.workers).price

        // Each gap has its own schedule: the rate has fallen when the price is there.
        let goals = [QualityGoal(gap: 0.005, paths: 5000, epochs: 120), QualityGoal(gap: 0.001, paths: 5000, epochs: 500)]
            .filter { run.wants($0.name) }
        let peer = goals.isEmpty ? nil : try run.peers.flatMap { try peerSeconds($0, exact: exact) }
        for goal in goals {
            let scaled = QualityGoal(
                gap: goal.gap, paths: run.size(goal.paths, minimum: 512), epochs: run.size(goal.epochs, minimum: 20))
            let history = try scaled.history(market, validation: goodMarket(.validationPaths), run)
            let own = QualityGoal.settled(history, exact: exact, gap: goal.gap)
            let seconds = own ?? history.last?.seconds ?? 0
            rows.append(
                BenchmarkRow(
                    name: own == nil ? goal.name + ", not reached" : goal.name,
                    work: "band 4 x 32, cost 2^-8, \(grouped(scaled.paths)) paths an update", seconds: seconds, perSecond: 1 / seconds,
                    peer: peer.map { _ in "pfhedge to 0.5 % by 50,000 paths an update" }, peerSeconds: peer))
        }
        return rows
    }

    private static func goodMarket(_ purpose: RandomStream.Purpose) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: BlackScholesSimulator(), grid: TimeGrid(), claim: .call(strike: 100),
            costs: [TradingCost(proportional: 0x1p-8)], stream: RandomStream(seed: 1, purpose: purpose))
    }

    /// Seconds of pfhedge's training to half a per cent; nil where it did not get there.
    private static func peerSeconds(_ peers: PeerPrograms, exact: Double) throws -> Double? {
        let gap = 0.005
        struct Answer: Decodable { var history: [[Double]] }
        let answer = try peers.run("quality.py", ["--exact", "\(exact)", "--within", "\(gap)"], as: Answer.self)
        return QualityGoal.settled(answer.history.map { ($0[0], $0[1]) }, exact: exact, gap: gap)
    }
}

/// A training that is to bring the price within `gap` of the exact one.
struct QualityGoal {
    typealias Point = (seconds: Double, price: Double)

    /// Relative.
    var gap: Double
    var paths: Int
    var epochs: Int

    var name: String { "training to \(100 * gap) % of exact" }

    /// Seconds of training, validations left out, and the price then, some 15 times.
    func history(_ market: SimulatedMarket, validation: SimulatedMarket, _ run: BenchmarkRun) throws -> [Point] {
        var trainer = DeepHedgeTrainer()
        trainer.paths = paths
        trainer.epochs = epochs
        trainer.validateEvery = max(2, epochs / 15)
        trainer.validationPaths = run.size(400_000, minimum: 512)
        let clock = ContinuousClock()
        var last = clock.now
        var (sum, plain) = (0.0, 0)
        var history: [Point] = []
        _ = try trainer.fit(
            .entropic(aversion: 1), market: market, validation: validation, workers: run.workers,
            progress: { progress in
                if let price = progress.validation {
                    // An epoch that ends with a validation takes what the others do.
                    let epoch = sum / Double(max(1, plain))
                    history.append((epoch * Double(progress.epoch), price))
                } else {
                    sum += (clock.now - last) / .seconds(1)
                    plain += 1
                }
                last = clock.now
            })
        return history
    }

    /// When the price came near and stayed there.
    static func settled(_ history: [Point], exact: Double, gap: Double) -> Double? {
        guard let last = history.lastIndex(where: { ($0.price / exact - 1).magnitude > gap }) else { return history.first?.seconds }
        return last + 1 < history.count ? history[last + 1].seconds : nil
    }
}
