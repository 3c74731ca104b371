import RealModule
import Testing
import VectorKernels

@Suite(.enabled(if: VectorUnit.isAvailable)) struct SheetTileTests {
    static let (rows, columns) = (41, 24)
    static let (narrowest, narrowestRoot, rowStep, columnStep) = (1e-3, 0.02, 0.3, 0.15)

    /// What the sheet reads at (x, v) of a table made of `value(row, column)`.
    func read(_ x: [Float], _ v: [Float], low: Float = -.infinity, high: Float = .infinity, _ value: (Double, Double) -> Double) -> [Float]
    {
        let table = (0..<Self.rows).flatMap { i in (0..<Self.columns).map { Float(value(Double(i), Double($0))) } }
        let sheet = SheetTile(
            rows: Self.rows, columns: Self.columns, narrowest: Self.narrowest, narrowestRoot: Self.narrowestRoot, rowStep: Self.rowStep,
            columnStep: Self.columnStep)
        var memory = [Float](repeating: .nan, count: SheetTile.Places.size)
        var y = [Float](repeating: .nan, count: 64)
        memory.withUnsafeMutableBufferPointer {
            let places = SheetTile.Places($0.baseAddress!)
            sheet.find(x, variance: v, places)
            sheet.read(table, places, to: &y, low: low, high: high)
        }
        return y
    }

    static let x = (0..<64).map { 0.15 * Float(Double.sin(Double($0 * $0))) }
    static let v = (0..<64).map { 0.001 * Float($0) }

    func place(_ x: Float, _ v: Float) -> (row: Double, column: Double) {
        (
            Double.asinh(Double(x) / Self.narrowest) / Self.rowStep + Double(Self.rows / 2),
            Double.asinh(Double(v).squareRoot() / Self.narrowestRoot) / Self.columnStep
        )
    }

    @Test("products of cubics in the node numbers are read exactly")
    func cubics() {
        func value(_ i: Double, _ j: Double) -> Double {
            let (a, b) = (i / 20 - 1, j / 12 - 1)
            return (a * a * a - 2 * a + 0.3) * (0.5 * b * b * b + b * b - 1)
        }
        let y = read(Self.x, Self.v, value)
        for i in 0..<64 {
            let (row, column) = place(Self.x[i], Self.v[i])
            #expect((Double(y[i]) - value(row, column)).magnitude < 2e-5, "x \(Self.x[i]), v \(Self.v[i])")
        }
    }

    @Test("beyond the edges the edge's value stands, and values are cut to their bounds")
    func edges() {
        let far = read([Float](repeating: 9, count: 64), [Float](repeating: 5, count: 64)) { i, j in i + 100 * j }
        #expect(far.allSatisfy { ($0 - Float(Self.rows - 1 + 100 * (Self.columns - 1))).magnitude < 1e-2 })
        let left = read([Float](repeating: -9, count: 64), [Float](repeating: 0, count: 64)) { i, j in i + 100 * j + 7 }
        #expect(left.allSatisfy { ($0 - 7).magnitude < 1e-3 })
        let cut = read(Self.x, Self.v, low: 0, high: 0.5) { i, _ in i / 20 - 0.5 }
        #expect(cut.min() == 0 && cut.max() == 0.5)
    }
}
