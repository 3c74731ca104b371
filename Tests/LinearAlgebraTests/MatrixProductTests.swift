import LinearAlgebra
import RealModule
import Testing

/// Elements without structure, between -1 and 1, the same on every machine.
func scattered(_ rows: Int, _ columns: Int, seed: Int = 0) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns) { i, j in
        let k = Double((i * 7919 + j * 104_729 + seed * 1_299_709) % 10007)
        return 2 * (k * 0.6180339887498949).truncatingRemainder(dividingBy: 1) - 1
    }
}

/// Largest absolute difference of two matrices of one shape.
func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    guard a.rows == b.rows && a.columns == b.columns else { return .infinity }
    return zip(a.storage, b.storage).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
}

@Suite struct MatrixProductTests {
    @Test("a product is the sum over the inner index, whichever factors are transposed", arguments: Transposing.allCases)
    func products(transposing: Transposing) {
        let a = scattered(5, 3)
        let b = scattered(3, 4, seed: 1)
        let plain = Matrix(rows: 5, columns: 4) { i, j in (0..<3).reduce(0) { $0 + a[i, $1] * b[$1, j] } }
        let first = transposing == .first || transposing == .both ? a.transposed : a
        let second = transposing == .second || transposing == .both ? b.transposed : b
        #expect(distance(.product(first, second, transposing: transposing), plain) < 1e-15)
    }

    @Test("Float products agree with Double ones to Float's digits")
    func singlePrecision() {
        let a = scattered(17, 9)
        let b = scattered(9, 8, seed: 2)
        let single = Matrix<Float>.product(
            Matrix(rows: 17, columns: 9, storage: a.storage.map(Float.init)),
            Matrix(rows: 9, columns: 8, storage: b.storage.map(Float.init)))
        #expect(distance(Matrix(rows: 17, columns: 8, storage: single.storage.map(Double.init)), a * b) < 1e-5)
    }

    @Test("a matrix times a vector, both ways round, and the Gram matrix")
    func vectors() {
        let a = scattered(6, 4)
        let x = [1.0, -2, 0.5, 3]
        let expected = (0..<6).map { i in (0..<4).reduce(0) { $0 + a[i, $1] * x[$1] } }
        #expect(zip(a.times(x), expected).allSatisfy { ($0 - $1).magnitude < 1e-14 })
        #expect(a.transposed.times(x, transposing: true) == a.times(x))
        #expect(distance(a.gram, .product(a, a, transposing: .first)) < 1e-14)
        #expect(a.gram == a.gram.transposed)
    }

    @Test("empty products are zero matrices of the right shape")
    func empty() {
        #expect(Matrix<Double>(rows: 3, columns: 0) * Matrix(rows: 0, columns: 2) == Matrix(rows: 3, columns: 2))
        #expect(Matrix<Double>(rows: 0, columns: 4) * Matrix(rows: 4, columns: 2) == Matrix(rows: 0, columns: 2))
        #expect(Matrix<Double>(rows: 0, columns: 2).gram == Matrix(rows: 2, columns: 2))
    }

    @Test("a product has the same bits with one worker and with two")
    func threads() {
        let a = scattered(600, 40)
        let blocks = { (workers: Workers) in
            workers.map(count: 6) { block in
                Matrix(rows: 100, columns: 40, storage: Array(a.storage[block * 4000..<(block + 1) * 4000])).gram.storage
            }
        }
        #expect(blocks(Workers(threads: 1)) == blocks(Workers(threads: 2)))
    }

    @Test("factors that do not fit stop the program naming both sizes")
    func mismatch() async {
        await #expect(processExitsWith: .failure) {
            _ = Matrix<Double>(rows: 2, columns: 3) * Matrix<Double>(rows: 4, columns: 2)
        }
    }
}
