public import Features
public import Learning
public import LinearAlgebra

/// A trained network as a strategy, peer of the analytic ones.
public struct LearnedHedge: HedgingStrategy, Equatable {
    public var name: String
    public let policy: HedgePolicy
    public let network: Network

    public init(_ policy: HedgePolicy, network: Network, name: String = "learned") {
        precondition(policy.architecture == network.architecture, "the network does not have the policy's architecture")
        self.policy = policy
        self.network = network
        self.name = name
    }

    /// From a model file: the policy as it was written, and the network's tensors by name.
    public init(_ policy: HedgePolicy, tensors: [NamedTensor], name: String = "learned") throws(NetworkError) {
        self.init(policy, network: try Network(policy.architecture, tensors: tensors), name: name)
    }

    /// The network's parameters by name, for a model file.
    public var tensors: [NamedTensor] { network.tensors }

    public var inputs: [FeatureName] { policy.inputs }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        precondition(
            batch.instruments.count == policy.instrumentCount,
            "the policy holds \(policy.instrumentCount) instruments, found \(batch.instruments.count)")
        return batch.count == 1 ? single(batch) : blocks(batch)
    }

    private func blocks(_ batch: DecisionBatch) -> Matrix<Double> {
        let instruments = policy.instrumentCount
        let architecture = policy.architecture
        var result = Matrix<Double>(rows: batch.count, columns: instruments)
        let columns = policy.features.map { batch.features[$0] }
        let centers = (0..<instruments).map { policy.centers(batch, instrument: $0) }
        // Always whole tiles: what a state gets does not depend on the others of its batch.
        let block = PolicyBlock.samples
        var inputs = [Float](repeating: 0, count: architecture.inputs * block)
        var outputs = [Float](repeating: 0, count: architecture.outputs * block)
        var center = [Float](repeating: 0, count: block)
        var previous = center
        var holdings = center
        let runner = NetworkRunner(architecture, samples: block)
        let head = PolicyHead(policy, samples: block)
        for start in stride(from: 0, to: batch.count, by: block) {
            let n = min(block, batch.count - start)
            inputs.withUnsafeMutableBufferPointer { inputs in
                for f in columns.indices {
                    policy.standardizer.standardize(columns[f], start..<start + n, at: f, to: inputs.baseAddress! + f * block)
                }
                if policy.seesHoldings {
                    for j in 0..<instruments {
                        let factor = 1 / Float(policy.holdingScales[j])
                        let row = (columns.count + j) * block
                        for i in 0..<n { inputs[row + i] = Float(batch.holdings[start + i, j]) * factor }
                    }
                }
            }
            network.parameters.withUnsafeBufferPointer { parameters in
                inputs.withUnsafeBufferPointer { inputs in
                    outputs.withUnsafeMutableBufferPointer { outputs in
                        runner.run(parameters.baseAddress!, inputs: inputs.baseAddress!, outputs: outputs.baseAddress!)
                    }
                }
            }
            for j in 0..<instruments {
                for i in 0..<n {
                    center[i] = Float(centers[j][start + i])
                    previous[i] = Float(batch.holdings[start + i, j])
                }
                outputs.withUnsafeBufferPointer { outputs in
                    holdings.withUnsafeMutableBufferPointer {
                        head.forward(
                            outputs: outputs.baseAddress! + j * block, center: center, scale: Float(policy.holdingScales[j]),
                            previous: previous, holdings: $0.baseAddress!)
                    }
                }
                for i in 0..<n {
                    // Inside the band the holding is what it was, to the last bit of the Double.
                    let held = batch.holdings[start + i, j]
                    result[start + i, j] = holdings[i] == previous[i] ? held : Double(holdings[i])
                }
            }
        }
        return result
    }

    /// One state, without BLAS: the serving path.
    private func single(_ batch: DecisionBatch) -> Matrix<Double> {
        let instruments = policy.instrumentCount
        var sample: [Float] = []
        sample.reserveCapacity(policy.architecture.inputs)
        for (f, name) in policy.features.enumerated() {
            sample.append(policy.standardizer.standardize(batch.features[name][0], at: f))
        }
        if policy.seesHoldings {
            for j in 0..<instruments { sample.append(Float(batch.holdings[0, j]) * (1 / Float(policy.holdingScales[j]))) }
        }
        let outputs = network(one: sample)
        let head = PolicyHead(policy, samples: 1)
        return Matrix(rows: 1, columns: instruments) { _, j in
            let previous = Float(batch.holdings[0, j])
            var holding: Float = 0
            outputs.withUnsafeBufferPointer { outputs in
                withUnsafePointer(to: Float(policy.centers(batch, instrument: j)[0])) { center in
                    withUnsafePointer(to: previous) { previous in
                        head.forward(
                            outputs: outputs.baseAddress! + j, center: center, scale: Float(policy.holdingScales[j]),
                            previous: previous, holdings: &holding)
                    }
                }
            }
            return holding == previous ? batch.holdings[0, j] : Double(holding)
        }
    }
}
