import RealModule

/// Adam with decoupled weight decay and clipping of the gradient's norm.
///
///     m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  θ ← θ(1 − ηλ) − η m̂/(√v̂ + ε),  m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ)
///
/// Reference: Kingma, Ba, *Adam*, ICLR 2015; Loshchilov, Hutter, *Decoupled weight decay*, ICLR 2019.
public struct Adam: Sendable, Codable, Equatable {
    public var firstDecay: Float = 0.9
    public var secondDecay: Float = 0.999
    public var epsilon: Float = 1e-8
    /// λ, in units of the learning rate.
    public var weightDecay: Float = 0
    /// The gradient is shortened to this norm where it is longer; nil leaves it.
    public var gradientNorm: Float?

    public init(
        firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0, gradientNorm: Float? = nil
    ) {
        precondition((0..<1).contains(firstDecay) && (0..<1).contains(secondDecay), "decays \(firstDecay), \(secondDecay) outside 0..<1")
        self.firstDecay = firstDecay
        self.secondDecay = secondDecay
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientNorm = gradientNorm
    }

    /// The moments of a run so far: a value that goes into each step and comes out.
    public struct State: Sendable, Equatable {
        /// m and v.
        public internal(set) var first: [Float]
        public internal(set) var second: [Float]
        /// t: updates so far.
        public internal(set) var steps: Int

        /// Before the first update.
        public init(parameterCount: Int) {
            self.init(first: Array(repeating: 0, count: parameterCount), second: Array(repeating: 0, count: parameterCount), steps: 0)
        }

        /// As a run left them, to go on from there.
        public init(first: [Float], second: [Float], steps: Int) {
            precondition(first.count == second.count, "\(first.count) first moments, \(second.count) second ones")
            self.first = first
            self.second = second
            self.steps = steps
        }
    }

    /// One step downhill.
    ///
    /// - Parameters:
    ///   - parameters: θ, updated.
    ///   - gradient: dL/dθ.
    ///   - rate: η of this step, from a `LearningRate`.
    public func update(_ parameters: inout [Float], along gradient: [Float], rate: Float, state: inout State) {
        precondition(
            parameters.count == gradient.count && gradient.count == state.first.count,
            "sizes differ: \(parameters.count) parameters, \(gradient.count) gradients, \(state.first.count) moments")
        state.steps += 1
        var scale: Float = 1
        if let gradientNorm {
            let norm = Float(gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
            if norm > gradientNorm { scale = gradientNorm / norm }
        }
        let firstCorrection = 1 - Float(Double.pow(Double(firstDecay), state.steps))
        let secondCorrection = 1 - Float(Double.pow(Double(secondDecay), state.steps))
        for i in gradient.indices {
            let g = gradient[i] * scale
            let m = firstDecay * state.first[i] + (1 - firstDecay) * g
            let v = secondDecay * state.second[i] + (1 - secondDecay) * g * g
            state.first[i] = m
            state.second[i] = v
            let direction = m / firstCorrection / ((v / secondCorrection).squareRoot() + epsilon)
            parameters[i] -= rate * (direction + weightDecay * parameters[i])
        }
    }
}

/// The step size of each update.
public enum LearningRate: Sendable, Codable, Equatable {
    case constant(Double)
    /// From `peak` down to `floor` along half a cosine, after `warmup` updates of linear rise.
    case cosine(peak: Double, floor: Double, warmup: Int)

    /// η of update `step` of `steps`.
    public func rate(step: Int, of steps: Int) -> Double {
        switch self {
        case .constant(let rate): return rate
        case .cosine(let peak, let floor, let warmup):
            if step < warmup { return peak * Double(step + 1) / Double(warmup) }
            let progress = Double(step - warmup) / Double(max(1, steps - warmup))
            return floor + (peak - floor) * 0.5 * (1 + Double.cos(.pi * min(1, progress)))
        }
    }
}

/// A running mean of the parameters over updates, whose noise is smaller than that of any one of them.
///
///     θ̄ ← θ̄ + (θ − θ̄) · max(1 − d, 1/(n+1))
///
/// The plain mean of the first 1/(1 − d) updates, then exponentially forgetting ones: no bias towards the start.
///
/// Reference: Polyak, Juditsky, *Acceleration of stochastic approximation by averaging*, SIAM J. Control 30 (1992).
public struct ParameterAverage: Sendable, Equatable {
    /// d in 0..<1; 0 keeps only the last update.
    public let decay: Double
    public private(set) var parameters: [Float]
    /// n: updates averaged so far.
    public private(set) var updates: Int

    /// - Parameter updates: How many `parameters` are the mean of already; 0 forgets them at the first update.
    public init(decay: Double, parameters: [Float], updates: Int = 0) {
        precondition((0..<1).contains(decay), "decay \(decay) is outside 0..<1")
        self.decay = decay
        self.parameters = parameters
        self.updates = updates
    }

    public mutating func add(_ latest: [Float]) {
        precondition(latest.count == parameters.count, "expected \(parameters.count) parameters, found \(latest.count)")
        updates += 1
        let weight = Float(max(1 - decay, 1 / Double(updates)))
        for i in parameters.indices { parameters[i] += (latest[i] - parameters[i]) * weight }
    }
}
