public import LinearAlgebra

/// Runs a strategy along the paths of a market.
///
/// Trades cost what the batch's `unitCosts` say, else what the instruments' own `cost` does.
///
///     profit = book + Σₜ hₜ · gainsₜ − Σₜ cost(hₜ − hₜ₋₁),   h₋₁ = 0
public enum Rollout {
    /// The outcome on the paths of a range, in path order. Neither the block size nor the threads change a bit of it
    /// for a strategy that decides each path by its own row.
    public static func run(
        _ strategy: any HedgingStrategy, on market: any HedgingMarket, paths: Range<Int>, blockSize: Int = 1024,
        workers: Workers = Workers()
    ) -> HedgingOutcome {
        precondition(blockSize > 0, "blocks of \(blockSize) paths")
        let blocks = (paths.count + blockSize - 1) / blockSize
        let outcomes = workers.map(count: blocks) { block in
            let start = paths.lowerBound + block * blockSize
            return run(strategy, on: market.paths(start..<min(start + blockSize, paths.upperBound), features: strategy.inputs))
        }
        var outcome = HedgingOutcome()
        for block in outcomes { outcome.append(block) }
        return outcome
    }

    /// The outcome on one block of paths, whose decisions must carry the strategy's inputs.
    ///
    /// - Parameter observe: Called after each decision with its batch and the chosen holdings, for reports and recordings.
    public static func run(
        _ strategy: any HedgingStrategy, on paths: any HedgingPaths,
        observe: ((_ step: Int, _ batch: DecisionBatch, _ target: Matrix<Double>) -> Void)? = nil
    ) -> HedgingOutcome {
        let count = paths.count
        let final = paths.finalPrices
        let width = final.columns
        var outcome = HedgingOutcome(
            profit: paths.liabilityGains, tradingCost: [Double](repeating: 0, count: count), turnover: [Double](repeating: 0, count: count))
        var holdings = Matrix<Double>(rows: count, columns: width)
        var memory = HedgeMemory()
        var costs: [TradingCost] = []
        for step in 0..<paths.steps {
            let batch = paths.decision(step: step, holdings: holdings)
            let target = strategy.targetHoldings(batch, memory: &memory)
            precondition(
                target.rows == count && target.columns == width,
                "\(strategy.name) chose \(target.rows) x \(target.columns) holdings, expected \(count) x \(width)")
            observe?(step, batch, target)
            costs = batch.instruments.map(\.cost)
            charge(from: holdings, to: target, prices: batch.prices, costs: costs, unitCosts: batch.unitCosts, outcome: &outcome)
            let gains = paths.gains(step: step)
            for i in 0..<count {
                for j in i * width..<(i + 1) * width { outcome.profit[i] += target.storage[j] * gains.storage[j] }
            }
            holdings = target
        }
        if paths.chargesUnwinding {
            let nothing = Matrix<Double>(rows: count, columns: width)
            charge(from: holdings, to: nothing, prices: final, costs: costs, unitCosts: paths.finalUnitCosts, outcome: &outcome)
        }
        return outcome
    }

    private static func charge(
        from holdings: Matrix<Double>, to target: Matrix<Double>, prices: Matrix<Double>, costs: [TradingCost],
        unitCosts: UnitCosts?, outcome: inout HedgingOutcome
    ) {
        let width = target.columns
        for i in 0..<target.rows {
            for h in 0..<width {
                let j = i * width + h
                let signed = target.storage[j] - holdings.storage[j]
                let trade = signed.magnitude
                guard trade > 0 else { continue }
                let cost =
                    unitCosts?.cost(ofTrade: signed, row: i, column: h) ?? costs[h].cost(ofTrade: signed, price: prices.storage[j])
                outcome.turnover[i] += trade
                outcome.tradingCost[i] += cost
                outcome.profit[i] -= cost
            }
        }
    }
}
