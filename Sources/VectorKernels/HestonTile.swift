import CVector

/// One step of Heston's model for many paths: increments in `Float`, sums over time in `Double`. Only where `VectorUnit.isAvailable`.
///
/// Every lane is worked on alike, so that a path does not depend on those beside it. The caller answers for the sizes of the memory.
public struct HestonTile {
    /// ln S(t)/S(0) less the drift, v and ∫v of `count` paths, a multiple of 16.
    public struct State {
        let log: UnsafeMutablePointer<Double>
        let variance: UnsafeMutablePointer<Float>
        let integral: UnsafeMutablePointer<Double>
        let count: Int

        public init(
            log: UnsafeMutablePointer<Double>, variance: UnsafeMutablePointer<Float>, integral: UnsafeMutablePointer<Double>, count: Int
        ) {
            self.log = log
            self.variance = variance
            self.integral = integral
            self.count = count
        }
    }

    /// A tile in `Float`, [T + 1, count] each, row t at t·stride: ln S(t)/S(0), v cut at zero, ∫v. With an `integralStride` of zero
    /// only the last row of ∫v is kept.
    public struct Rows {
        let log: UnsafeMutablePointer<Float>
        let variance: UnsafeMutablePointer<Float>
        let integral: UnsafeMutablePointer<Float>
        /// v of the last time, not cut: `count` numbers.
        public let carried: UnsafeMutablePointer<Float>
        /// Paths, a multiple of 16.
        public let count: Int
        let stride: Int
        let integralStride: Int

        public init(
            log: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>, integral: UnsafeMutablePointer<Float>,
            carried: UnsafeMutablePointer<Float>, count: Int, stride: Int, integralStride: Int
        ) {
            self.log = log
            self.variance = variance
            self.integral = integral
            self.carried = carried
            self.count = count
            self.stride = stride
            self.integralStride = integralStride
        }

        /// Row 0.
        public func begin(variance start: Float) {
            log.update(repeating: 0, count: count)
            integral.update(repeating: 0, count: count)
            variance.update(repeating: max(start, 0), count: count)
            carried.update(repeating: start, count: count)
        }
    }

    private typealias Words = SIMD16<UInt32>

    let years: Float
    let meanReversion: Float
    let longRunVariance: Float
    let volatilityOfVariance: Float
    let correlation: Float
    /// √(1 − ρ²).
    let across: Float

    public init(years: Double, meanReversion: Double, longRunVariance: Double, volatilityOfVariance: Double, correlation: Double) {
        self.years = Float(years)
        self.meanReversion = Float(meanReversion)
        self.longRunVariance = Float(longRunVariance)
        self.volatilityOfVariance = Float(volatilityOfVariance)
        self.correlation = Float(correlation)
        across = Float((1 - correlation * correlation).squareRoot())
    }

    /// How the variance moves.
    public enum Scheme {
        /// Euler with the variance cut at zero in drift and diffusion.
        case fullTruncation
        /// Andersen's two-moment fit with his martingale correction.
        case quadraticExponential(QuadraticExponential)
        /// To a variance drawn beforehand, from its law.
        case drawn(Drawn)
    }

    /// One step of every path.
    ///
    /// - Parameters:
    ///   - first: Words of the spot's normal numbers, one for each path.
    ///   - second: Words of the variance's own, unread where it is drawn beforehand.
    public func step(_ state: State, _ scheme: Scheme, first: UnsafePointer<UInt32>, second: UnsafePointer<UInt32>) {
        switch scheme {
        case .fullTruncation: step(state) { truncated($1, WordTile.load(first + $0), WordTile.load(second + $0)) }
        case .quadraticExponential(let law): step(state) { fitted($1, law, WordTile.load(first + $0), WordTile.load(second + $0)) }
        case .drawn(let law): step(state) { moved($1, law, $0, WordTile.load(first + $0)) }
        }
    }

    /// One step of every path of a tile, from the row of one time to the next one's.
    ///
    /// - Parameters:
    ///   - drift: Added to ln S.
    ///   - first, second: As above.
    public func step(
        _ tile: Rows, from before: Int, to now: Int, drift: Float, _ scheme: Scheme, first: UnsafePointer<UInt32>,
        second: UnsafePointer<UInt32>
    ) {
        switch scheme {
        case .fullTruncation:
            step(tile, before, now, drift) { truncated($1, WordTile.load(first + $0), WordTile.load(second + $0)) }
        case .quadraticExponential(let law):
            step(tile, before, now, drift) { fitted($1, law, WordTile.load(first + $0), WordTile.load(second + $0)) }
        case .drawn(let law): step(tile, before, now, drift) { moved($1, law, $0, WordTile.load(first + $0)) }
        }
    }

    /// All steps of every path of a tile from row 0, by words of its own: what `step` makes of them, two parts of a step at a time.
    ///
    /// - Parameters:
    ///   - steps: T.
    ///   - substeps: Parts of a step.
    ///   - drift: Added to ln S in each part.
    ///   - scheme: One that draws the variance itself.
    public func fill(
        _ tile: Rows, steps: Int, substeps: Int, drift: Float, _ scheme: Scheme, from source: WordTile.Source, firstPath: UInt32
    ) {
        switch scheme {
        case .fullTruncation: fill(tile, steps, substeps, drift, source, firstPath) { truncated($0, $1, $2) }
        case .quadraticExponential(let law): fill(tile, steps, substeps, drift, source, firstPath) { fitted($0, law, $1, $2) }
        case .drawn: preconditionFailure("variances drawn beforehand come step by step")
        }
    }

    @inline(__always)
    private func fill(
        _ rows: Rows, _ steps: Int, _ substeps: Int, _ drift: Float, _ source: WordTile.Source, _ firstPath: UInt32,
        _ move: (_ variance: Vector, _ first: Words, _ second: Words) -> Move
    ) {
        let parts = steps * substeps
        for part in stride(from: 0, to: parts, by: 2) {
            // The parts of a step after its first go on from where it is going.
            let now = part / substeps + 1, then = (part + 1) / substeps + 1
            let before = part % substeps == 0 ? now - 1 : now
            let hasSecond = part + 1 < parts
            for i in stride(from: 0, to: rows.count, by: 16) {
                let words = source.words(firstPath &+ UInt32(truncatingIfNeeded: i), step: UInt32(truncatingIfNeeded: part / 2))
                var variance = Vector(rows.carried + i)
                var log = Vector(rows.log + before * rows.stride + i)
                var integral = Vector(rows.integral + before * rows.integralStride + i)
                @inline(__always)
                func advance(_ now: Int, _ first: Words, _ second: Words) {
                    let move = move(variance, first, second)
                    variance = move.variance
                    log += move.log + Vector(repeating: drift)
                    integral += move.time
                    log.store(rows.log + now * rows.stride + i)
                    vector_max(variance, Vector()).store(rows.variance + now * rows.stride + i)
                    integral.store(rows.integral + now * rows.integralStride + i)
                }
                advance(now, words.0, words.1)
                if hasSecond { advance(then, words.2, words.3) }
                variance.store(rows.carried + i)
            }
        }
    }

    /// What a step adds to ln S and to ∫v, and the variance after it.
    private typealias Move = (log: Vector, variance: Vector, time: Vector)

    @inline(__always)
    private func step(
        _ state: State, _ move: (_ path: Int, _ variance: Vector) -> Move
    ) {
        for i in stride(from: 0, to: state.count, by: 16) {
            let move = move(i, Vector(state.variance + i))
            move.variance.store(state.variance + i)
            Self.add(move.log, to: state.log + i)
            Self.add(move.time, to: state.integral + i)
        }
    }

    @inline(__always)
    private func step(
        _ rows: Rows, _ before: Int, _ now: Int, _ drift: Float, _ move: (_ path: Int, _ variance: Vector) -> Move
    ) {
        let (integralBefore, integralNow) = (before * rows.integralStride, now * rows.integralStride)
        let (before, now) = (before * rows.stride, now * rows.stride)
        for i in stride(from: 0, to: rows.count, by: 16) {
            let move = move(i, Vector(rows.carried + i))
            move.variance.store(rows.carried + i)
            vector_max(move.variance, Vector()).store(rows.variance + now + i)
            (Vector(rows.log + before + i) + (move.log + Vector(repeating: drift))).store(rows.log + now + i)
            (Vector(rows.integral + integralBefore + i) + move.time).store(rows.integral + integralNow + i)
        }
    }

    @inline(__always)
    private func truncated(_ variance: Vector, _ first: Words, _ second: Words) -> Move {
        let positive = vector_max(variance, Vector())
        let time = positive * Vector(repeating: years)
        let root = vector_sqrt(time)
        let (z, other) = (WordTile.normal(first), WordTile.normal(second))
        let shock = fma(Vector(repeating: correlation * volatilityOfVariance), z, other * Vector(repeating: across * volatilityOfVariance))
        let back = fma(Vector(repeating: -meanReversion * years), positive, meanReversion * longRunVariance * years)
        return (fma(root, z, time * Vector(repeating: -0.5)), fma(root, shock, variance + back), time)
    }

    /// What Andersen's scheme needs beside the model's parameters: the variance's mean e^{−κΔ}v + cd and its variance
    /// 2c²d + 4ce^{−κΔ}v, and ln S' = ln S + k₁v + k₂v' + √(k₃(v + v')) z less what makes it a martingale. `own` is k₃, or zero where the
    /// root's term is added by the caller.
    public struct QuadraticExponential {
        let decay, meanAtZero, spreadAtZero, spread, k0, k1, k2, k3, own: Float

        public init(
            decay: Double, meanAtZero: Double, spreadAtZero: Double, spread: Double, k0: Double, k1: Double, k2: Double, k3: Double,
            own: Double
        ) {
            self.decay = Float(decay)
            self.meanAtZero = Float(meanAtZero)
            self.spreadAtZero = Float(spreadAtZero)
            self.spread = Float(spread)
            self.k0 = Float(k0)
            self.k1 = Float(k1)
            self.k2 = Float(k2)
            self.k3 = Float(k3)
            self.own = Float(own)
        }
    }

    /// Both of the scheme's branches for every lane, one of them kept.
    @inline(__always)
    private func fitted(_ variance: Vector, _ law: QuadraticExponential, _ first: Words, _ second: Words) -> Move {
        let one = Vector(repeating: 1)
        let tilt = law.k2 + law.k3 / 2
        let mean = fma(variance, Vector(repeating: law.decay), law.meanAtZero)
        // Without reversion and at zero the variance stays there; one keeps the ratio finite.
        let isLost = mean .<= Vector()
        let size = mean.replacing(with: one, where: isLost)
        let inverseSize = one / size
        let ratio = fma(variance, Vector(repeating: law.spread), law.spreadAtZero) * (inverseSize * inverseSize)
        let isQuadratic = ratio .<= Vector(repeating: 1.5)
        // a(b + z)²; where the exponential is kept the root's argument may be negative.
        let inverse = Vector(repeating: 2) / vector_max(ratio, Vector(repeating: 1e-15))
        let square = inverse - one + vector_sqrt(vector_max(inverse * (inverse - one), Vector()))
        let a = mean / (one + square)
        let shifted = vector_sqrt(vector_max(square, Vector())) + WordTile.normal(second)
        // An atom of (ψ − 1)/(ψ + 1) at zero and an exponential of rate 2/((ψ + 1)·mean).
        let half = one / (ratio + one)
        let atom = (ratio - one) * half
        let rest = half + half
        let rate = rest * inverseSize
        let meanDrawn = size * (ratio + one) * Vector(repeating: 0.5)
        let drawn = VectorFormulas.log(rest / WordTile.complement(second)) * meanDrawn
        let after = vector_max(drawn, Vector()).replacing(with: a * shifted * shifted, where: isQuadratic)
        let next = after.replacing(with: Vector(), where: isLost)
        // ln E e^{Av'} of either, one quotient and one logarithm for both.
        let shrink = fma(a, Vector(repeating: -2 * tilt), 1)
        let gap = (rate - Vector(repeating: tilt)).replacing(with: shrink, where: isQuadratic)
        let quotient = (rate * rest).replacing(with: Vector(repeating: tilt) * a * square, where: isQuadratic) / gap
        let argument = (atom + quotient).replacing(with: shrink, where: isQuadratic)
        let isFinite = gap .> Vector()
        let logarithm = VectorFormulas.log(argument.replacing(with: one, where: .!isFinite))
        let quadratic = fma(logarithm, Vector(repeating: -0.5), quotient)
        let growth = logarithm.replacing(with: quadratic, where: isQuadratic)
        let centred = -fma(variance, Vector(repeating: law.k1 + law.k3 / 2), growth)
        let constant = centred.replacing(with: Vector(repeating: law.k0), where: .!isFinite)
        let both = variance + next
        let root = vector_sqrt(both * Vector(repeating: law.own))
        let level = fma(next, Vector(repeating: law.k2), fma(variance, Vector(repeating: law.k1), constant))
        return (fma(root, WordTile.normal(first), level), next, both * Vector(repeating: years / 2))
    }

    /// Variances v' drawn beforehand, and ln S' = ln S + c₀ + c₁v + k₂v' + √(k₃(v + v')) z.
    public struct Drawn {
        let variances: UnsafePointer<Float>
        let c0, c1, k2, k3: Float

        public init(variances: UnsafePointer<Float>, c0: Double, c1: Double, k2: Double, k3: Double) {
            self.variances = variances
            self.c0 = Float(c0)
            self.c1 = Float(c1)
            self.k2 = Float(k2)
            self.k3 = Float(k3)
        }
    }

    @inline(__always)
    private func moved(_ variance: Vector, _ law: Drawn, _ path: Int, _ first: Words) -> Move {
        let next = Vector(law.variances + path)
        let both = variance + next
        let level = fma(next, Vector(repeating: law.k2), fma(variance, Vector(repeating: law.c1), law.c0))
        return (
            fma(vector_sqrt(both * Vector(repeating: law.k3)), WordTile.normal(first), level), next, both * Vector(repeating: years / 2)
        )
    }

    /// `scale`·((z + √(`factor` v))² + 2x) in place of x, z the normal number of the word.
    public static func addSquares(
        _ values: UnsafeMutablePointer<Float>, before: UnsafePointer<Float>, factor: Float, scale: Float, words: UnsafePointer<UInt32>,
        count: Int
    ) {
        for i in stride(from: 0, to: count, by: 16) {
            let shifted = WordTile.normal(WordTile.load(words + i)) + vector_sqrt(Vector(before + i) * Vector(repeating: factor))
            let sum = fma(shifted, shifted, Vector(values + i) * Vector(repeating: 2))
            (sum * Vector(repeating: scale)).store(values + i)
        }
    }

    /// The state as columns of `count` paths: ln S = x + `start`, S, v cut at zero, ∫v.
    public static func report(
        _ state: State, start: Double, count: Int, logSpot: UnsafeMutablePointer<Double>, spot: UnsafeMutablePointer<Double>,
        variance: UnsafeMutablePointer<Double>, integral: UnsafeMutablePointer<Double>
    ) {
        let level = SIMD8<Double>(repeating: start)
        var i = 0
        while i + 8 <= count {
            let log = load(state.log + i) + level
            store(log, logSpot + i)
            store(VectorFormulas.exp(log), spot + i)
            store(load(state.integral + i), integral + i)
            i += 8
        }
        while i < count {
            // The same arithmetic for what is left of a register.
            let log = SIMD8(repeating: state.log[i]) + level
            logSpot[i] = log[0]
            spot[i] = VectorFormulas.exp(log)[0]
            integral[i] = state.integral[i]
            i += 1
        }
        for i in 0..<count { variance[i] = Double(max(state.variance[i], 0)) }
    }

    @inline(__always)
    private static func add(_ x: Vector, to sum: UnsafeMutablePointer<Double>) {
        store(load(sum) + vector_low_doubles(x), sum)
        store(load(sum + 8) + vector_high_doubles(x), sum + 8)
    }

    @inline(__always)
    private static func load(_ source: UnsafePointer<Double>) -> SIMD8<Double> {
        UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Double>.self)
    }

    @inline(__always)
    private static func store(_ x: SIMD8<Double>, _ target: UnsafeMutablePointer<Double>) {
        UnsafeMutableRawPointer(target).storeBytes(of: x, as: SIMD8<Double>.self)
    }
}
