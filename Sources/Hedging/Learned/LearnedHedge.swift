public import Features
public import Learning
public import LinearAlgebra

/// A trained network as a strategy, peer of the analytic ones.
public struct LearnedHedge: HedgingStrategy, Equatable {
    public var name: String
    public let policy: HedgePolicy
    public let network: Network
    /// What the policy is told, a value for each of its `conditions`. The middles of their ranges unless somebody says otherwise.
    public private(set) var conditions: [Double]

    public init(_ policy: HedgePolicy, network: Network, name: String = "learned") {
        precondition(policy.architecture == network.architecture, "the network does not have the policy's architecture")
        conditions = (policy.conditions ?? []).map { $0.value(at: 0.5) }
        self.policy = policy
        self.network = network
        self.name = name
    }

    /// From a model file: the policy as it was written, and the network's tensors by name.
    public init(_ policy: HedgePolicy, tensors: [NamedTensor], name: String = "learned") throws(NetworkError) {
        self.init(policy, network: try Network(policy.architecture, tensors: tensors), name: name)
    }

    /// The same policy told otherwise.
    ///
    /// - Parameter values: By name; a condition that is not named keeps its value, a name that is no condition is passed over.
    public func told(_ values: [String: Double]) -> LearnedHedge {
        var hedge = self
        for (index, condition) in (policy.conditions ?? []).enumerated() {
            if let value = values[condition.name] { hedge.conditions[index] = value }
        }
        return hedge
    }

    /// The network's parameters by name, for a model file.
    public var tensors: [NamedTensor] { network.tensors }

    public var inputs: [FeatureName] { policy.inputs }

    /// Whether the network has a cell: its decisions are to be asked for along the path.
    public var remembers: Bool { policy.architecture.cell != nil }

    /// A network that remembers answers as at the first decision of a path.
    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var memory = HedgeMemory()
        return targetHoldings(batch, memory: &memory)
    }

    public func targetHoldings(_ batch: DecisionBatch, memory: inout HedgeMemory) -> Matrix<Double> {
        precondition(
            batch.instruments.count == policy.instrumentCount,
            "the policy holds \(policy.instrumentCount) instruments, found \(batch.instruments.count)")
        if policy.kind == .book { return bookHoldings(batch) }
        if remembers {
            let rows = memory.rows ?? Matrix(rows: batch.count, columns: policy.architecture.memory)
            precondition(
                (rows.rows, rows.columns) == (batch.count, policy.architecture.memory),
                "a memory of \(rows.rows) x \(rows.columns) for \(batch.count) paths that remember \(policy.architecture.memory) numbers"
            )
            memory.rows = rows
        }
        let steps = steps(batch)
        let isOneStep = steps.allSatisfy { $0 == steps[0] }
        guard batch.count > 1 && isOneStep else { return oneByOne(batch, steps: steps, memory: &memory) }
        return tiles(batch, step: steps[0], memory: &memory)
    }

    /// Whose network decides each state.
    private func steps(_ batch: DecisionBatch) -> [Int] {
        guard policy.decisionTimes != nil else { return Array(repeating: 0, count: batch.count) }
        var known: (time: Double, step: Int)?
        return batch.features[.timeToExpiry].map { time in
            if let known, known.time == time { return known.step }
            let step = policy.step(timeToExpiry: time)
            known = (time, step)
            return step
        }
    }

    private func tiles(_ batch: DecisionBatch, step: Int, memory: inout HedgeMemory) -> Matrix<Double> {
        let instruments = policy.instrumentCount
        var result = Matrix<Double>(rows: batch.count, columns: instruments)
        let columns = policy.features.map { batch.features[$0] }
        let centers = (0..<instruments).map { policy.centers(batch, instrument: $0) }
        // Always whole tiles: what a state gets does not depend on the others of its batch.
        let block = PolicyBlock.samples
        var center = [Float](repeating: 0, count: block)
        var previous = center
        var holdings = center
        let tape = NetworkTape(policy.architecture, samples: block, steps: 1, keepsGradients: false)
        let inputs = tape.inputs(step: 0)
        let outputs = tape.outputs(step: 0)
        let head = PolicyHead(policy, samples: block)
        let told = policy.conditionInputs(conditions)
        let (features, heads) = (policy.featureCount, policy.headCount)
        for (c, value) in told.enumerated() { (inputs + (features + c) * block).update(repeating: value, count: block) }
        for start in stride(from: 0, to: batch.count, by: block) {
            let n = min(block, batch.count - start)
            for copy in 0..<policy.copies {
                for f in 0..<features {
                    let column = copy * features + f
                    policy.standardizer.standardize(columns[column], start..<start + n, at: column, to: inputs + f * block)
                }
                if policy.seesHoldings {
                    for j in 0..<heads {
                        let factor = 1 / Float(policy.holdingScales[copy * heads + j])
                        let row = inputs + (features + told.count + j) * block
                        for i in 0..<n { row[i] = Float(batch.holdings[start + i, copy * heads + j]) * factor }
                    }
                }
                withMemory(of: start..<start + n, in: &memory, tape) {
                    network.parameters.withUnsafeBufferPointer {
                        tape.forward($0.baseAddress!, step: 0, samples: block, network: step)
                    }
                }
                for (k, j) in (copy * heads..<(copy + 1) * heads).enumerated() {
                    for i in 0..<n {
                        center[i] = Float(centers[j][start + i])
                        previous[i] = Float(batch.holdings[start + i, j])
                    }
                    holdings.withUnsafeMutableBufferPointer {
                        head.forward(
                            outputs: outputs + k * block, center: center, scale: Float(policy.holdingScales[j]),
                            previous: previous, holdings: $0.baseAddress!)
                    }
                    for i in 0..<n {
                        // Inside the band the holding is what it was, to the last bit of the Double.
                        let held = batch.holdings[start + i, j]
                        result[start + i, j] = holdings[i] == previous[i] ? held : Double(holdings[i])
                    }
                }
            }
        }
        return result
    }

    /// Runs the network between reading what it remembers of the paths of `range` and writing it back.
    private func withMemory(of range: Range<Int>, in memory: inout HedgeMemory, _ tape: NetworkTape, run: () -> Void) {
        guard let start = tape.initialMemory, memory.rows != nil else { return run() }
        let block = PolicyBlock.samples
        let width = policy.architecture.memory
        for (i, path) in range.enumerated() { for k in 0..<width { start[k * block + i] = memory.rows![path, k] } }
        run()
        tape.copyMemory(afterStep: 0, samples: block, to: start)
        for (i, path) in range.enumerated() { for k in 0..<width { memory.rows![path, k] = start[k * block + i] } }
    }

    /// States one after another, without BLAS: the serving path.
    private func oneByOne(_ batch: DecisionBatch, steps: [Int], memory: inout HedgeMemory) -> Matrix<Double> {
        let instruments = policy.instrumentCount
        let centers = (0..<instruments).map { policy.centers(batch, instrument: $0) }
        let columns = policy.features.map { batch.features[$0] }
        let told = policy.conditionInputs(conditions)
        let head = PolicyHead(policy, samples: 1)
        let (features, heads) = (policy.featureCount, policy.headCount)
        var result = Matrix<Double>(rows: batch.count, columns: instruments)
        for row in 0..<batch.count {
            for copy in 0..<policy.copies {
                var sample: [Float] = []
                sample.reserveCapacity(policy.architecture.inputs)
                for f in copy * features..<(copy + 1) * features {
                    sample.append(policy.standardizer.standardize(columns[f][row], at: f))
                }
                sample += told
                let decided = copy * heads..<(copy + 1) * heads
                if policy.seesHoldings {
                    for j in decided { sample.append(Float(batch.holdings[row, j]) * (1 / Float(policy.holdingScales[j]))) }
                }
                var remembered = memory.rows.map { Array($0.row(row)) } ?? []
                let outputs = network(one: sample, step: steps[row], memory: &remembered)
                for k in remembered.indices { memory.rows![row, k] = remembered[k] }
                for (k, j) in decided.enumerated() {
                    let held = batch.holdings[row, j]
                    let previous = Float(held)
                    var holding: Float = 0
                    outputs.withUnsafeBufferPointer { outputs in
                        withUnsafePointer(to: Float(centers[j][row])) { center in
                            withUnsafePointer(to: previous) { previous in
                                head.forward(
                                    outputs: outputs.baseAddress! + k, center: center, scale: Float(policy.holdingScales[j]),
                                    previous: previous, holdings: &holding)
                            }
                        }
                    }
                    result[row, j] = holding == previous ? held : Double(holding)
                }
            }
        }
        return result
    }
}
