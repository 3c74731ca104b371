import Features
import Learning
import LinearAlgebra

extension LearnedHedge {
    /// A `book` policy's holdings: those there are, and of the day's option as much as brings the book's gamma into the band.
    func bookHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        let (gammas, vegas) = (batch.netExposure(.bookGamma, batch.gammas), batch.netExposure(.bookVega, batch.vegas))
        let today = batch.features[.todaysOption]
        let scale = policy.holdingScales[0]
        let columns = policy.features.map { batch.features[$0] }
        let block = PolicyBlock.samples
        let tape = NetworkTape(policy.architecture, samples: block, steps: 1, keepsGradients: false)
        let (inputs, outputs) = (tape.inputs(step: 0), tape.outputs(step: 0))
        let head = PolicyHead(policy, samples: block)
        var (exposure, target) = ([Float](repeating: 0, count: block), [Float](repeating: 0, count: block))
        let zeros = exposure
        var result = batch.holdings
        for start in stride(from: 0, to: batch.count, by: block) {
            let n = min(block, batch.count - start)
            for f in columns.indices {
                policy.standardizer.standardize(columns[f], start..<start + n, at: f, to: inputs + f * block)
            }
            for i in 0..<n {
                inputs[columns.count * block + i] = Float(gammas[start + i]) / Float(scale)
                inputs[(columns.count + 1) * block + i] = Float(vegas[start + i]) / Float(scale)
                exposure[i] = Float(gammas[start + i])
            }
            network.parameters.withUnsafeBufferPointer { tape.forward($0.baseAddress!, step: 0, samples: block) }
            target.withUnsafeMutableBufferPointer {
                head.forward(outputs: outputs, center: zeros, scale: Float(scale), previous: exposure, holdings: $0.baseAddress!)
            }
            for i in 0..<n where target[i] != exposure[i] {
                result[start + i, Int(today[start + i])] += Double(target[i]) - gammas[start + i]
            }
        }
        return result
    }
}

extension DecisionBatch {
    /// The clients' sensitivity and that of the options held, in units of the option of the day: [N].
    func netExposure(_ book: FeatureName, _ own: Matrix<Double>) -> [Double] {
        let (today, clients) = (features[.todaysOption], features[book])
        let width = own.columns
        return (0..<count).map { i in
            let line = i * width
            let day = Int(today[i])
            var sum = clients[i]
            for s in 0..<day { sum += holdings.storage[line + s] * own.storage[line + s] }
            return sum / own.storage[line + day]
        }
    }
}
