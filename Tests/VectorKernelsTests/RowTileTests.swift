import Testing
import VectorKernels

/// The kernels of tiles that lie row by row against plain loops in `Double`.
@Suite(.enabled(if: VectorUnit.isAvailable)) struct RowTileTests {
    private static let samples = RowTile.samples

    /// Numbers in −1...1 that look random.
    private func numbers(_ count: Int, seed: Int) -> [Float] {
        (0..<count).map { k in
            let bits = UInt32(truncatingIfNeeded: (k &+ 1) &* 2_654_435_761 &+ seed &* 40_503)
            return Float(((bits ^ bits >> 15) &* 0x2C1B_3C6D) >> 8) * 0x1p-23 - 1
        }
    }

    /// Numbers of a sample and widths of rows: with and without an odd register, and rests of eight.
    static let shapes = [(4, 32), (32, 32), (1, 16), (64, 64), (3, 48), (9, 16), (19, 80), (8, 32)]

    /// Where number k of sample s is, by rows and by columns.
    private func place(_ k: Int, _ s: Int, count: Int, byRows: Bool) -> Int { byRows ? s * count + k : k * Self.samples + s }

    private func view(_ x: UnsafePointer<Float>, count: Int, byRows: Bool) -> RowTile.Numbers {
        byRows ? .rows(x, width: count) : .columns(x)
    }

    @Test("forward is X Wᵀ + b, read by rows and by columns", arguments: shapes, [(true, false), (false, true)])
    func forward(shape: (terms: Int, width: Int), way: (byRows: Bool, cutsAtZero: Bool)) {
        let (terms, width) = shape
        let x = numbers(terms * Self.samples, seed: 1)
        let w = numbers(terms * width, seed: 2)
        let b = numbers(width, seed: 3)
        var y = [Float](repeating: .nan, count: width * Self.samples)
        x.withUnsafeBufferPointer {
            RowTile.forward(
                view($0.baseAddress!, count: terms, byRows: way.byRows), terms: terms, weights: w, biases: b, width: width, y: &y,
                cutsAtZero: way.cutsAtZero)
        }
        for s in 0..<Self.samples {
            for c in 0..<width {
                var sum = Double(b[c])
                for k in 0..<terms { sum += Double(x[place(k, s, count: terms, byRows: way.byRows)]) * Double(w[k * width + c]) }
                #expect((Double(y[s * width + c]) - (way.cutsAtZero ? max(sum, 0) : sum)).magnitude < 1e-5)
            }
        }
    }

    @Test("backward is dY W times the slope, and adds its sums over the samples", arguments: shapes, [0, 1, 2])
    func backward(shape: (terms: Int, width: Int), kind: Int) {
        let (terms, width) = shape
        let dy = numbers(terms * Self.samples, seed: 4)
        let w = numbers(terms * width, seed: 5)
        let below = numbers(width * Self.samples, seed: 6)
        var dx = [Float](repeating: .nan, count: width * Self.samples)
        var sums = [Float](repeating: 2, count: width)
        dy.withUnsafeBufferPointer { dy in
            below.withUnsafeBufferPointer { below in
                let slope: RowTile.Slope = [.one, .cut(below.baseAddress!), .factors(below.baseAddress!)][kind]
                RowTile.backward(
                    view(dy.baseAddress!, count: terms, byRows: kind == 1), terms: terms, weights: w, width: width, slope: slope, dx: &dx,
                    biasSums: &sums)
            }
        }
        for c in 0..<width {
            var total = 2.0
            for s in 0..<Self.samples {
                var sum = 0.0
                for k in 0..<terms { sum += Double(dy[place(k, s, count: terms, byRows: kind == 1)]) * Double(w[k * width + c]) }
                let slope = Double(below[s * width + c])
                sum *= [1, slope > 0 ? 1 : 0, slope][kind]
                #expect((Double(dx[s * width + c]) - sum).magnitude < 1e-5)
                total += sum
            }
            #expect((Double(sums[c]) - total).magnitude < 3e-5)
        }
    }

    @Test("products add aᵀ b", arguments: shapes, [false, true])
    func products(shape: (rows: Int, width: Int), byRows: Bool) {
        let (rows, width) = shape
        let a = numbers(rows * Self.samples, seed: 7)
        let b = numbers(width * Self.samples, seed: 8)
        var sums = [Float](repeating: 1, count: rows * width)
        a.withUnsafeBufferPointer {
            RowTile.addProducts(view($0.baseAddress!, count: rows, byRows: byRows), rows: rows, b, width: width, sums: &sums)
        }
        for r in 0..<rows {
            for c in 0..<width {
                var sum = 1.0
                for s in 0..<Self.samples {
                    sum += Double(a[place(r, s, count: rows, byRows: byRows)]) * Double(b[s * width + c])
                }
                #expect((Double(sums[r * width + c]) - sum).magnitude < 2e-5)
            }
        }
    }

    @Test("a dot gives each sample its own sum, and sums are taken once", arguments: [16, 32, 48, 64])
    func sums(width: Int) {
        let x = numbers(width * Self.samples, seed: 9)
        let w = numbers(width, seed: 10)
        var y = [Float](repeating: .nan, count: Self.samples)
        RowTile.dot(x, weights: w, bias: 0.5, width: width, y: &y)
        for s in 0..<Self.samples {
            let sum = (0..<width).reduce(0.5) { $0 + Double(x[s * width + $1]) * Double(w[$1]) }
            #expect((Double(y[s]) - sum).magnitude < 1e-5)
        }
        #expect((RowTile.sum(y) - y.reduce(0, +)).magnitude < 1e-4)
        var taken = x
        var target = [Double](repeating: 1, count: x.count)
        RowTile.take(&taken, count: x.count - 3, to: &target)
        for k in 0..<x.count - 3 { #expect(taken[k] == 0 && target[k] == 1 + Double(x[k])) }
        #expect(taken.suffix(3) == x.suffix(3) && target.suffix(3) == [1, 1, 1])
    }
}
