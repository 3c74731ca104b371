import Testing
import VectorKernels

@Suite(.enabled(if: VectorUnit.isAvailable)) struct GramTileTests {
    /// Whole numbers, so that every order of summation gives the same sums.
    static func value(_ i: Int) -> Double { Double((i * i * 37 + 11 * i) % 23 - 11) }

    @Test("products of all columns, added to what was there", arguments: [(1, 8), (3, 16), (64, 24), (63, 40), (5, 48)])
    func sums(shape: (count: Int, width: Int)) {
        let (count, width) = shape
        let packed = (0..<count * width).map(Self.value)
        var sums = [Double](repeating: 2, count: width * width)
        GramTile.addProducts(packed, count: count, width: width, to: &sums, ahead: packed)
        for i in 0..<width {
            for j in i..<width {
                let expected = (0..<count).reduce(2.0) { $0 + packed[$1 * width + i] * packed[$1 * width + j] }
                #expect(sums[i * width + j] == expected, "\(i), \(j)")
            }
        }
    }

    @Test(
        "a row is inputs, then what their fit leaves of the targets, then what was there",
        arguments: [(1, 1, 1), (2, 3, 2), (3, 7, 1), (64, 8, 1), (5, 9, 4), (64, 20, 1), (3, 46, 2)])
    func packing(shape: (count: Int, inputs: Int, targets: Int)) {
        let (count, f, h) = shape
        let a = (0..<count * f).map(Self.value)
        let b = (0..<count * h).map { Self.value($0 + 5) }
        let slopes = (0..<f * h).map { Self.value($0 + 9) }
        let width = GramTile.width(f + h)
        #expect(width % 8 == 0 && width >= f + h && width < f + h + 8)
        var packed = [Double](repeating: 7, count: count * width)
        GramTile.pack(a, f, b, h, count: count, without: slopes, to: &packed)
        for r in 0..<count {
            let row = packed[r * width..<(r + 1) * width]
            let residuals = (0..<h).map { c in (0..<f).reduce(b[r * h + c]) { $0 - a[r * f + $1] * slopes[c * f + $1] } }
            #expect(Array(row) == a[r * f..<(r + 1) * f] + residuals + [Double](repeating: 7, count: width - f - h), "row \(r)")
        }
    }
}
