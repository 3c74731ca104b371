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

    func callAsFunction(_ parameters: [Double], _ sample: [Double]) -> [Double] {
        var values = sample
        var offset = 0
        let widths = architecture.hidden + [architecture.outputs]
        for (index, width) in widths.enumerated() {
            let inputs = values.count
            let sums = (0..<width).map { o in
                (0..<inputs).reduce(parameters[offset + width * inputs + o]) { $0 + parameters[offset + o * inputs + $1] * values[$1] }
            }
            values = index < architecture.hidden.count ? sums.map(activation) : sums
            offset += width * (inputs + 1)
        }
        return values
    }
}
