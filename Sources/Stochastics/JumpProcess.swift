import Probability
import RealModule

/// Jumps of the log price at the times of a Poisson process.
public struct JumpProcess: Sendable, Equatable {
    /// The law of one jump J.
    public enum Size: Sendable, Equatable {
        /// J ~ N(mean, deviation²).
        case normal(mean: Double, deviation: Double)
        /// Upwards with probability p and the exponential law of rate η₁ > 1, else downwards with rate η₂.
        case doubleExponential(upwardProbability: Double, upwardRate: Double, downwardRate: Double)
    }

    /// λ, a year.
    public var intensity: Double
    public var size: Size

    public init(intensity: Double, size: Size) {
        precondition(intensity >= 0, "jump intensity \(intensity)")
        switch size {
        case .normal(_, let deviation): precondition(deviation >= 0, "jump deviation \(deviation)")
        case .doubleExponential(let p, let up, let down):
            precondition((0...1).contains(p) && up > 1 && down > 0, "upward probability \(p), rates \(up) and \(down)")
        }
        self.intensity = intensity
        self.size = size
    }

    /// λ E(e^J − 1): what the drift gives up so that the price stays a martingale.
    public var compensator: Double {
        switch size {
        case .normal(let mean, let deviation): intensity * Double.expMinusOne(mean + deviation * deviation / 2)
        case .doubleExponential(let p, let up, let down): intensity * (p / (up - 1) - (1 - p) / (down + 1))
        }
    }

    /// λ E J²: the jumps' part of the variance, a year.
    public var variance: Double {
        switch size {
        case .normal(let mean, let deviation): intensity * (mean * mean + deviation * deviation)
        case .doubleExponential(let p, let up, let down): intensity * 2 * (p / (up * up) + (1 - p) / (down * down))
        }
    }

    /// Groups of an address from here on are the jumps' own; those below are left to what they are added to.
    static let firstGroup = 1 << 30

    /// The sum of so many jumps. One number of the address serves normal jumps, double exponential ones take a pair each.
    func sum(of count: Int, path: Int, step: Int, stream: RandomStream) -> Double {
        switch size {
        case .normal(let mean, let deviation):
            let normal = stream.normal(path: path, step: step, dimension: 2 * (Self.firstGroup + 1))
            return Double(count) * mean + Double(count).squareRoot() * deviation * normal
        case .doubleExponential(let p, let up, let down):
            var sum = 0.0
            for jump in 1...count {
                let (side, uniform) = stream.uniformPair(path: path, step: step, group: Self.firstGroup + jump)
                sum += side < p ? -Double.log(uniform) / up : Double.log(uniform) / down
            }
            return sum
        }
    }
}

extension PathBlock {
    /// Adds jumps to the paths of `range`. The compensator is the drift's affair.
    mutating func add(_ jumps: JumpProcess, paths range: Range<Int>, grid: TimeGrid, stream: RandomStream) {
        let mean = jumps.intensity * grid.timeStep
        guard mean > 0 else { return }
        let noJump = Double.exp(-mean)
        var uniforms = [Double](repeating: 0, count: range.count)
        var total = [Double](repeating: 0, count: range.count)
        var jumped: [Int] = []
        for step in 0..<grid.steps {
            uniforms.withUnsafeMutableBufferPointer {
                stream.fillUniforms($0, firstPath: range.lowerBound, step: step, dimension: 2 * JumpProcess.firstGroup)
            }
            for i in 0..<range.count where uniforms[i] > noJump {
                let count = RandomVariates.poisson(mean: mean, uniform: uniforms[i])
                if total[i] == 0 { jumped.append(i) }
                total[i] += jumps.sum(of: count, path: range.lowerBound + i, step: step, stream: stream)
            }
            for i in jumped {
                logSpot[step + 1][i] += total[i]
                spot[step + 1][i] = Double.exp(logSpot[step + 1][i])
            }
        }
    }
}
