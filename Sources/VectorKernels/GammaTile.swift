import CVector

/// Gamma and Poisson numbers of many paths, in `Float`. Only where `VectorUnit.isAvailable`.
///
/// Every lane is worked on alike, so that a path does not depend on those beside it. Counts are multiples of 16.
public enum GammaTile {
    /// Poisson numbers by inversion, values taken from the mode outwards so that large means cost √mean terms.
    ///
    /// Probabilities are right to 1e-6 of themselves; what is rarer than 1e-9 is not drawn.
    ///
    /// - Parameters:
    ///   - means: Not negative.
    ///   - words: k of the uniform numbers (k + ½) 2⁻³².
    ///   - counts: Written; may be `means`.
    public static func poisson(
        means: UnsafePointer<Float>, words: UnsafePointer<UInt32>, count: Int, to counts: UnsafeMutablePointer<Float>
    ) {
        for i in stride(from: 0, to: count, by: 16) {
            poisson(Vector(means + i), uniform: WordTile.uniform(WordTile.load(words + i))).store(counts + i)
        }
    }

    /// Means below it are counted up from zero.
    private static let leastMode: Float = 8
    private static let leastProbability: Float = 1e-9

    @inline(__always)
    private static func poisson(_ mean: Vector, uniform: Vector) -> Vector {
        let isLow = mean .< Vector(repeating: leastMode)
        let mode = mean.rounded(.down).replacing(with: Vector(), where: isLow)
        let inverse = Vector(repeating: 1) / vector_max(mean, Vector(repeating: 1e-30))
        let start = modeProbability(mean, mode).replacing(with: VectorFormulas.exp(-mean), where: isLow)
        var (above, below) = (start, start)
        var left = uniform - start
        var (up, down) = (mode, mode)
        var counts = mode
        // What is open now takes the next value; it stays there unless it is open after it too.
        while vector_any_positive(vector_min(left, above - Vector(repeating: leastProbability))) {
            up += Vector(repeating: 1)
            counts.replace(with: up, where: left .> Vector())
            above = above * mean / up
            left -= above
            // Zero from the first value below zero on.
            below = below * (down * inverse)
            down = vector_max(down - Vector(repeating: 1), Vector())
            counts.replace(with: down, where: left .> Vector() .& (below .> Vector()))
            left -= below
        }
        // What rounding left of the uniform number.
        return counts.replacing(with: up, where: left .> Vector())
    }

    /// e^−m mᵏ/k! at k = ⌊m⌋ ≥ 8, by Stirling's series: k (ln(1 + x) − x) with x = (m − k)/k is small, its terms are not.
    @inline(__always)
    private static func modeProbability(_ mean: Vector, _ mode: Vector) -> Vector {
        let k = vector_max(mode, Vector(repeating: leastMode))
        let inverse = Vector(repeating: 1) / k
        let x = vector_min((mean - mode) * inverse, Vector(repeating: 1 / leastMode))
        var series = fma(x, Vector(repeating: -1 / 8), 1 / 7)
        series = fma(series, x, -1 / 6)
        series = fma(series, x, 1 / 5)
        series = fma(series, x, -1 / 4)
        series = fma(series, x, 1 / 3)
        series = fma(series, x, -1 / 2)
        let stirling = inverse * fma(inverse * inverse, Vector(repeating: 1 / 360), -1 / 12)
        return VectorFormulas.exp(fma(series, x * x * k, stirling)) * vector_sqrt(inverse * Vector(repeating: 0.159_154_94))
    }

    /// One try at a gamma number of scale 1 for each shape; shapes below 1 are raised by 1, which `lower` makes up for.
    ///
    /// - Parameters:
    ///   - first: Words of the normal numbers.
    ///   - second: Words of the uniform numbers that decide.
    ///   - excess: Written; not negative where the number is to be rejected.
    ///
    /// Reference: Marsaglia, Tsang, *A simple method for generating gamma variables*, ACM TOMS 26 (2000).
    public static func gamma(
        shapes: UnsafePointer<Float>, first: UnsafePointer<UInt32>, second: UnsafePointer<UInt32>, count: Int,
        to values: UnsafeMutablePointer<Float>, excess: UnsafeMutablePointer<Float>
    ) {
        let one = Vector(repeating: 1)
        for i in stride(from: 0, to: count, by: 16) {
            let shape = Vector(shapes + i)
            let d = shape + Vector(repeating: -1 / 3).replacing(with: Vector(repeating: 2 / 3), where: shape .< one)
            let z = WordTile.normal(WordTile.load(first + i))
            let x = z / (vector_sqrt(d) * Vector(repeating: 3))
            let cube = one + x
            // v − 1 of v = (1 + x)³.
            let growth = x * fma(x, x + Vector(repeating: 3), 3)
            let log = VectorFormulas.log(vector_max(cube, Vector(repeating: 1e-30)))
            let bound = fma(z * z, Vector(repeating: 0.5), d * fma(log, Vector(repeating: 3), -growth))
            let decided = VectorFormulas.log(WordTile.uniform(WordTile.load(second + i))) - bound
            decided.replacing(with: one, where: cube .<= Vector()).store(excess + i)
            // Not d(1 + growth), which rounding takes below zero where 1 + x is small.
            (d * (cube * cube * cube)).store(values + i)
        }
    }

    /// Where the shape is below 1 makes a number of shape + 1 one of shape: times u^(1/shape).
    public static func lower(_ values: UnsafeMutablePointer<Float>, shapes: UnsafePointer<Float>, words: UnsafePointer<UInt32>, count: Int)
    {
        let one = Vector(repeating: 1)
        for i in stride(from: 0, to: count, by: 16) {
            let shape = Vector(shapes + i)
            let power = VectorFormulas.log(WordTile.uniform(WordTile.load(words + i))) / shape
            // Below e^−87 there is no Float: the number is zero then.
            let factor = VectorFormulas.exp(power).replacing(with: Vector(), where: power .< Vector(repeating: -87))
            (Vector(values + i) * factor.replacing(with: one, where: shape .>= one)).store(values + i)
        }
    }
}
