public import LinearAlgebra

/// Shift and scale of each input: the one place where `Double` becomes `Float`.
///
///     x̃ = (x − center)/scale
public struct Standardizer: Sendable, Codable, Equatable {
    /// F numbers, in the input's unit.
    public var centers: [Double]
    /// F numbers, in the input's unit. Positive.
    public var scales: [Double]

    public init(centers: [Double], scales: [Double]) {
        precondition(centers.count == scales.count, "\(centers.count) centers for \(scales.count) scales")
        precondition(scales.allSatisfy { $0 > 0 && $0.isFinite }, "scales must be positive: \(scales)")
        self.centers = centers
        self.scales = scales
    }

    /// Leaves F inputs as they are.
    public init(identity count: Int) {
        self.init(centers: Array(repeating: 0, count: count), scales: Array(repeating: 1, count: count))
    }

    /// Mean and standard deviation of each column of samples [N, F]. A column that does not vary gets scale 1.
    public init(fitting samples: Matrix<Double>) {
        var moments = Moments(count: samples.columns)
        for column in 0..<samples.columns { moments.add(samples.column(column), at: column) }
        self = moments.standardizer
    }

    /// Sums of values and squares, column by column, for samples that come in pieces.
    public struct Moments: Sendable {
        private var counts: [Double]
        private var means: [Double]
        private var squares: [Double]

        public init(count: Int) {
            counts = Array(repeating: 0, count: count)
            means = counts
            squares = counts
        }

        /// Welford's update of one column's mean and squared deviations.
        public mutating func add(_ values: [Double], at column: Int) {
            var n = counts[column]
            var mean = means[column]
            var square = squares[column]
            for value in values {
                n += 1
                let deviation = value - mean
                mean += deviation / n
                square += deviation * (value - mean)
            }
            counts[column] = n
            means[column] = mean
            squares[column] = square
        }

        public var standardizer: Standardizer {
            let scales = zip(means, zip(squares, counts)).map { mean, pair in
                let deviation = (pair.0 / max(1, pair.1)).squareRoot()
                // Rounding leaves a constant column a deviation near 1e-16 of its size.
                return deviation > 1e-12 * max(1e-300, mean.magnitude) && deviation.isFinite && deviation > 0 ? deviation : 1
            }
            return Standardizer(centers: means, scales: scales)
        }
    }

    public var count: Int { centers.count }

    /// The same for `count` groups of these inputs, one after the other.
    public func repeated(_ count: Int) -> Standardizer {
        Standardizer(centers: (0..<count).flatMap { _ in centers }, scales: (0..<count).flatMap { _ in scales })
    }

    /// The standardised value of one input.
    @inlinable
    public func standardize(_ value: Double, at index: Int) -> Float { Float((value - centers[index]) * (1 / scales[index])) }

    /// Writes the standardised column `values[range]` of input `index` to `target`.
    public func standardize(_ values: [Double], _ range: Range<Int>, at index: Int, to target: UnsafeMutablePointer<Float>) {
        let center = centers[index]
        let factor = 1 / scales[index]
        values.withUnsafeBufferPointer { values in
            for (k, i) in range.enumerated() { target[k] = Float((values[i] - center) * factor) }
        }
    }

    /// Standardises `count` values of input `index` in place.
    public func standardize(_ values: UnsafeMutablePointer<Float>, count: Int, at index: Int) {
        let center = Float(centers[index])
        let factor = Float(1 / scales[index])
        for i in 0..<count { values[i] = (values[i] - center) * factor }
    }
}
