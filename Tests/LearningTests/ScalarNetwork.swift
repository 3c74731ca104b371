import Learning
import RealModule

/// The same network written a second time, one sample and one `Double` at a time: what gradients are checked against.
struct ScalarNetwork {
    let architecture: NetworkArchitecture

    func activation(_ z: Double) -> Double {
        switch architecture.activation {
        case .identity: z
        case .relu: z > 0 ? z : 0
        case .tanh: Double.tanh(z)
        case .silu: z / (1 + Double.exp(-z))
        case .softplus: Double.log(1 + Double.exp(z))
        }
    }

    func callAsFunction(_ parameters: [Double], _ sample: [Double], step: Int = 0) -> [Double] {
        var memory = [Double](repeating: 0, count: architecture.memory)
        return callAsFunction(parameters, sample, step: step, memory: &memory)
    }

    /// Reads the block of parameters from its beginning, or from where the step's own network begins, to its end.
    func callAsFunction(_ parameters: [Double], _ sample: [Double], step: Int = 0, memory: inout [Double]) -> [Double] {
        var rest = parameters[...]
        if let steps = architecture.steps { rest = rest.dropFirst(parameters.count / steps * step) }
        func take(_ count: Int) -> [Double] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func affine(_ inputs: [Double], _ outputs: Int) -> [Double] {
            let weights = take(outputs * inputs.count)
            return zip(take(outputs), 0..<outputs).map { bias, o in
                inputs.indices.reduce(bias) { $0 + weights[o * inputs.count + $1] * inputs[$1] }
            }
        }
        func logistic(_ z: Double) -> Double { 1 / (1 + Double.exp(-z)) }

        var values = sample
        if let cell = architecture.cell {
            let units = cell.units
            let held = Array(memory.prefix(units))
            switch cell.kind {
            case .gru:
                let gates = affine(sample + held, 2 * units).map(logistic)
                let (candidate, remembered) = (affine(sample, units), affine(held, units))
                values = (0..<units).map { u in
                    let n = Double.tanh(candidate[u] + gates[u] * remembered[u])
                    return (1 - gates[units + u]) * n + gates[units + u] * held[u]
                }
                memory = values
            case .lstm:
                let gates = affine(sample + held, 4 * units)
                let state = (0..<units).map { u in
                    logistic(gates[units + u]) * memory[units + u] + logistic(gates[u]) * Double.tanh(gates[2 * units + u])
                }
                values = (0..<units).map { logistic(gates[3 * units + $0]) * Double.tanh(state[$0]) }
                memory = values + state
            }
        }
        for width in architecture.hidden {
            var sums = affine(values, width)
            if architecture.normalization != nil {
                let mean = sums.reduce(0, +) / Double(width)
                let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                let (gains, shifts) = (take(width), take(width))
                sums = sums.indices.map { gains[$0] * (sums[$0] - mean) / (variance + 1e-5).squareRoot() + shifts[$0] }
            }
            values = sums.map(activation)
        }
        return affine(values, architecture.outputs)
    }
}
