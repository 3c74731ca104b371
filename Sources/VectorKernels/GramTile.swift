import CVector

/// Sums of products of the columns of a few rows, which stay in the fastest cache. Only where `VectorUnit.isAvailable`.
///
/// Rows lie `width` doubles apart, a multiple of 8; what a row does not fill is zero.
public enum GramTile {
    /// Rows at once: of 24 columns 12 kB.
    public static let rows = 64

    /// How wide a row of that many columns is.
    public static func width(_ columns: Int) -> Int { (columns + 7) & ~7 }

    /// One row from a part of each of two arrays; the rest of the row stays as it is.
    @inline(__always)
    public static func pack(
        _ a: UnsafePointer<Double>, _ f: Int, _ b: UnsafePointer<Double>, _ h: Int, to row: UnsafeMutablePointer<Double>
    ) {
        row.update(from: a, count: f)
        (row + f).update(from: b, count: h)
    }

    /// sums[i, j] += Σ over rows of row[i]·row[j], for every j ≥ i at least.
    ///
    /// - Parameters:
    ///   - packed: [count, width].
    ///   - sums: [width, width].
    public static func addProducts(
        _ packed: UnsafePointer<Double>, count: Int, width: Int, to sums: UnsafeMutablePointer<Double>
    ) {
        for i in stride(from: 0, to: width, by: 8) {
            var j = i
            while j + 8 < width {
                two(packed, count, width, i, j, sums)
                j += 16
            }
            if j < width { one(packed, count, width, i, j, sums) }
        }
    }

    /// Eight columns by sixteen.
    @inline(__always)
    private static func two(
        _ packed: UnsafePointer<Double>, _ count: Int, _ width: Int, _ i: Int, _ j: Int, _ sums: UnsafeMutablePointer<Double>
    ) {
        var (a0, a1, a2, a3, a4, a5, a6, a7) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var (b0, b1, b2, b3, b4, b5, b6, b7) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var row = packed
        for _ in 0..<count {
            let (u, v) = (Lanes(row + j), Lanes(row + j + 8))
            let x0 = Lanes(repeating: row[i]), x1 = Lanes(repeating: row[i + 1]), x2 = Lanes(repeating: row[i + 2])
            let x3 = Lanes(repeating: row[i + 3]), x4 = Lanes(repeating: row[i + 4]), x5 = Lanes(repeating: row[i + 5])
            let x6 = Lanes(repeating: row[i + 6]), x7 = Lanes(repeating: row[i + 7])
            (a0, b0) = (fma(x0, u, a0), fma(x0, v, b0))
            (a1, b1) = (fma(x1, u, a1), fma(x1, v, b1))
            (a2, b2) = (fma(x2, u, a2), fma(x2, v, b2))
            (a3, b3) = (fma(x3, u, a3), fma(x3, v, b3))
            (a4, b4) = (fma(x4, u, a4), fma(x4, v, b4))
            (a5, b5) = (fma(x5, u, a5), fma(x5, v, b5))
            (a6, b6) = (fma(x6, u, a6), fma(x6, v, b6))
            (a7, b7) = (fma(x7, u, a7), fma(x7, v, b7))
            row += width
        }
        let start = sums + i * width + j
        for (k, sum) in [a0, a1, a2, a3, a4, a5, a6, a7].enumerated() { add(sum, to: start + k * width) }
        for (k, sum) in [b0, b1, b2, b3, b4, b5, b6, b7].enumerated() { add(sum, to: start + k * width + 8) }
    }

    /// Eight columns by eight.
    @inline(__always)
    private static func one(
        _ packed: UnsafePointer<Double>, _ count: Int, _ width: Int, _ i: Int, _ j: Int, _ sums: UnsafeMutablePointer<Double>
    ) {
        var (a0, a1, a2, a3, a4, a5, a6, a7) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var row = packed
        for _ in 0..<count {
            let u = Lanes(row + j)
            a0 = fma(Lanes(repeating: row[i]), u, a0)
            a1 = fma(Lanes(repeating: row[i + 1]), u, a1)
            a2 = fma(Lanes(repeating: row[i + 2]), u, a2)
            a3 = fma(Lanes(repeating: row[i + 3]), u, a3)
            a4 = fma(Lanes(repeating: row[i + 4]), u, a4)
            a5 = fma(Lanes(repeating: row[i + 5]), u, a5)
            a6 = fma(Lanes(repeating: row[i + 6]), u, a6)
            a7 = fma(Lanes(repeating: row[i + 7]), u, a7)
            row += width
        }
        let start = sums + i * width + j
        for (k, sum) in [a0, a1, a2, a3, a4, a5, a6, a7].enumerated() { add(sum, to: start + k * width) }
    }

    /// With r = row · weights: sums[j] += Σ r·row[j], and Σ r² is returned.
    ///
    /// - Parameters:
    ///   - packed: [count, width].
    ///   - weights, sums: [width].
    public static func addResiduals(
        _ packed: UnsafePointer<Double>, count: Int, width: Int, weights: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>
    ) -> Double {
        var squares = 0.0
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { residuals in
            var row = packed
            for r in 0..<count {
                var sum = Lanes(row) * Lanes(weights)
                for j in stride(from: 8, to: width, by: 8) { sum = fma(Lanes(row + j), Lanes(weights + j), sum) }
                residuals[r] = sum.sum()
                squares += residuals[r] * residuals[r]
                row += width
            }
            for j in stride(from: 0, to: width, by: 8) {
                var (even, odd) = (Lanes(), Lanes())
                var r = 0
                while r + 1 < count {
                    even = fma(Lanes(repeating: residuals[r]), Lanes(packed + r * width + j), even)
                    odd = fma(Lanes(repeating: residuals[r + 1]), Lanes(packed + (r + 1) * width + j), odd)
                    r += 2
                }
                if r < count { even = fma(Lanes(repeating: residuals[r]), Lanes(packed + r * width + j), even) }
                add(even + odd, to: sums + j)
            }
        }
        return squares
    }

    @inline(__always)
    private static func add(_ sum: Lanes, to target: UnsafeMutablePointer<Double>) { (Lanes(target) + sum).store(target) }
}
