import RealModule
import VectorKernels

/// What a layer does to each of its sums. By vector kernels where the processor has them.
public enum Activation: String, Sendable, Codable, CaseIterable {
    case identity
    /// max(z, 0).
    case relu
    case tanh
    /// z/(1 + e⁻ᶻ), also called swish.
    case silu
    /// ln(1 + eᶻ), always positive.
    case softplus

    /// Applies the activation to `count` numbers in place, and writes its slope at each.
    ///
    /// - Parameters:
    ///   - values: Sums z on entry, σ(z) on return.
    ///   - slopes: dσ/dz at each z on return; what `backward` multiplies by.
    public func apply(_ values: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>, count: Int) {
        if VectorUnit.isAvailable {
            switch self {
            case .tanh: return VectorFunctions.tanh(values, slopes: slopes, count: count)
            case .silu: return VectorFunctions.silu(values, slopes: slopes, count: count)
            case .softplus: return VectorFunctions.softplus(values, slopes: slopes, count: count)
            case .identity, .relu: break
            }
        }
        switch self {
        case .identity:
            for i in 0..<count { slopes[i] = 1 }
        case .relu:
            for i in 0..<count {
                let z = values[i]
                slopes[i] = z > 0 ? 1 : 0
                values[i] = z > 0 ? z : 0
            }
        case .tanh:
            for i in 0..<count {
                let y = Float.tanh(values[i])
                slopes[i] = 1 - y * y
                values[i] = y
            }
        case .silu:
            for i in 0..<count {
                let z = values[i]
                let sigmoid = Self.logistic(z)
                slopes[i] = sigmoid * (1 + z * (1 - sigmoid))
                values[i] = z * sigmoid
            }
        case .softplus:
            for i in 0..<count {
                let z = values[i]
                slopes[i] = Self.logistic(z)
                // ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|): neither overflows nor loses the left tail.
                values[i] = (z > 0 ? z : 0) + Float.log(onePlus: Float.exp(-z.magnitude))
            }
        }
    }

    /// Applies the activation in place where no gradient is wanted.
    public func apply(_ values: UnsafeMutablePointer<Float>, count: Int) {
        if VectorUnit.isAvailable {
            switch self {
            case .tanh: return VectorFunctions.tanh(values, to: values, count: count)
            case .silu: return VectorFunctions.silu(values, to: values, count: count)
            case .softplus: return VectorFunctions.softplus(values, to: values, count: count)
            case .identity, .relu: break
            }
        }
        switch self {
        case .identity: return
        case .relu: for i in 0..<count { values[i] = values[i] > 0 ? values[i] : 0 }
        case .tanh: for i in 0..<count { values[i] = Float.tanh(values[i]) }
        case .silu: for i in 0..<count { values[i] *= Self.logistic(values[i]) }
        case .softplus:
            for i in 0..<count {
                let z = values[i]
                values[i] = (z > 0 ? z : 0) + Float.log(onePlus: Float.exp(-z.magnitude))
            }
        }
    }

    /// 1/(1 + e⁻ᶻ), by the branch whose exponential cannot overflow.
    @inline(__always)
    static func logistic(_ z: Float) -> Float {
        let e = Float.exp(-z.magnitude)
        return z >= 0 ? 1 / (1 + e) : e / (1 + e)
    }
}
