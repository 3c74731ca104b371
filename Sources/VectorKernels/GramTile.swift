import CVector

/// Sums of products of the columns of a few rows, which stay in the fastest cache. Only where `VectorUnit.isAvailable`.
///
/// Rows lie `width` doubles apart, a multiple of 8; what a row does not fill is zero.
public enum GramTile {
    /// Rows at once: of 24 columns 12 kB.
    public static let rows = 64

    /// How wide a row of that many columns is.
    public static func width(_ columns: Int) -> Int { (columns + 7) & ~7 }

    /// Inputs a [count, f] of each row, beside them what a linear fit leaves of its targets b [count, h]; the rest of each row of
    /// ``width(_:)`` stays as it is.
    ///
    /// - Parameter coefficients: Of the fit, [h, f].
    public static func pack(
        _ a: UnsafePointer<Double>, _ f: Int, _ b: UnsafePointer<Double>, _ h: Int, count: Int,
        without coefficients: UnsafePointer<Double>, to packed: UnsafeMutablePointer<Double>
    ) {
        let (width, whole) = (width(f + h), f & ~7)
        for r in 0..<count {
            let (inputs, row) = (a + r * f, packed + r * width)
            for j in stride(from: 0, to: whole, by: 8) { Lanes(inputs + j).store(row + j) }
            if f >= 8 { Lanes(inputs + f - 8).store(row + f - 8) } else { row.update(from: inputs, count: f) }
        }
        for c in 0..<h {
            let slopes = coefficients + c * f
            // The last eight inputs, those of them that no whole eight has had.
            var last = Lanes()
            if f >= 8 { for j in whole..<f { last[j - (f - 8)] = slopes[j] } }
            for r in 0..<count {
                let inputs = a + r * f
                var fitted = Lanes()
                for j in stride(from: 0, to: whole, by: 8) { fitted = fma(Lanes(inputs + j), Lanes(slopes + j), fitted) }
                if f >= 8 {
                    fitted = fma(Lanes(inputs + f - 8), last, fitted)
                } else {
                    for j in 0..<f { fitted[j] = inputs[j] * slopes[j] }
                }
                packed[r * width + f + c] = b[r * h + c] - total(fitted)
            }
        }
    }

    /// sums[i, j] += Σ over rows of row[i]·row[j], for every j ≥ i at least.
    ///
    /// - Parameters:
    ///   - packed: [count, width].
    ///   - sums: [width, width].
    ///   - ahead: Memory that is read next, at most as much as the rows take: it is fetched meanwhile. It may be anything.
    public static func addProducts(
        _ packed: UnsafePointer<Double>, count: Int, width: Int, to sums: UnsafeMutablePointer<Double>, ahead: UnsafePointer<Double>
    ) {
        var line = ahead
        for i in stride(from: 0, to: width, by: 8) {
            var j = i
            while j + 8 < width {
                two(packed, count, width, i, j, sums, line)
                j += 16
                line += 8 * count
            }
            if j < width {
                one(packed, count, width, i, j, sums, line)
                line += 8 * count
            }
        }
    }

    /// Eight columns by sixteen.
    @inline(__always)
    private static func two(
        _ packed: UnsafePointer<Double>, _ count: Int, _ width: Int, _ i: Int, _ j: Int, _ sums: UnsafeMutablePointer<Double>,
        _ ahead: UnsafePointer<Double>
    ) {
        var (a0, a1, a2, a3, a4, a5, a6, a7) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var (b0, b1, b2, b3, b4, b5, b6, b7) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var (row, line) = (packed, ahead)
        for _ in 0..<count {
            lanes_prefetch(line)
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
            line += 8
        }
        let start = sums + i * width + j
        add(a0, a1, a2, a3, a4, a5, a6, a7, to: start, width)
        add(b0, b1, b2, b3, b4, b5, b6, b7, to: start + 8, width)
    }

    /// Eight columns by eight.
    @inline(__always)
    private static func one(
        _ packed: UnsafePointer<Double>, _ count: Int, _ width: Int, _ i: Int, _ j: Int, _ sums: UnsafeMutablePointer<Double>,
        _ ahead: UnsafePointer<Double>
    ) {
        var (a0, a1, a2, a3, a4, a5, a6, a7) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes(), Lanes())
        var (row, line) = (packed, ahead)
        for _ in 0..<count {
            lanes_prefetch(line)
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
            line += 8
        }
        let start = sums + i * width + j
        add(a0, a1, a2, a3, a4, a5, a6, a7, to: start, width)
    }

    /// Eight rows of sums.
    @inline(__always)
    private static func add(
        _ a0: Lanes, _ a1: Lanes, _ a2: Lanes, _ a3: Lanes, _ a4: Lanes, _ a5: Lanes, _ a6: Lanes, _ a7: Lanes,
        to target: UnsafeMutablePointer<Double>, _ width: Int
    ) {
        add(a0, to: target)
        add(a1, to: target + width)
        add(a2, to: target + 2 * width)
        add(a3, to: target + 3 * width)
        add(a4, to: target + 4 * width)
        add(a5, to: target + 5 * width)
        add(a6, to: target + 6 * width)
        add(a7, to: target + 7 * width)
    }

    @inline(__always)
    private static func add(_ sum: Lanes, to target: UnsafeMutablePointer<Double>) { (Lanes(target) + sum).store(target) }

    /// By halves: `sum()` adds one lane after the other.
    @inline(__always)
    private static func total(_ x: Lanes) -> Double {
        let four = x.lowHalf + x.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }
}
