import Testing
import VectorKernels

@Suite(.enabled(if: VectorUnit.isAvailable)) struct GramTileTests {
    /// Whole numbers, so that every order of summation gives the same sums.
    static func value(_ i: Int) -> Double { Double((i * i * 37 + 11 * i) % 23 - 11) }

    @Test("products of all columns and of residuals, added to what was there", arguments: [(1, 8), (3, 16), (64, 24), (63, 40), (5, 48)])
    func sums(shape: (count: Int, width: Int)) {
        let (count, width) = shape
        let packed = (0..<count * width).map(Self.value)
        var sums = [Double](repeating: 2, count: width * width)
        GramTile.addProducts(packed, count: count, width: width, to: &sums)
        for i in 0..<width {
            for j in i..<width {
                let expected = (0..<count).reduce(2.0) { $0 + packed[$1 * width + i] * packed[$1 * width + j] }
                #expect(sums[i * width + j] == expected, "\(i), \(j)")
            }
        }
        let weights = (0..<width).map { Double($0 % 3 - 1) }
        var products = [Double](repeating: -1, count: width)
        let squares = GramTile.addResiduals(packed, count: count, width: width, weights: weights, to: &products)
        let residuals = (0..<count).map { r in (0..<width).reduce(0.0) { $0 + packed[r * width + $1] * weights[$1] } }
        #expect(squares == residuals.reduce(0) { $0 + $1 * $1 })
        for j in 0..<width { #expect(products[j] == (0..<count).reduce(-1.0) { $0 + residuals[$1] * packed[$1 * width + j] }, "\(j)") }
    }

    @Test("a row is inputs, then targets, then what was there")
    func packing() {
        var row = [Double](repeating: 7, count: GramTile.width(5))
        GramTile.pack([1, 2, 3], 3, [4, 5], 2, to: &row)
        #expect(row == [1, 2, 3, 4, 5, 7, 7, 7])
        #expect(GramTile.width(8) == 8 && GramTile.width(9) == 16)
    }
}
