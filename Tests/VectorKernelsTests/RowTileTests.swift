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

    /// A tile that was cut at zero, its marks, and some samples silent: all but eight, or none.
    private func cut(width: Int, seed: Int, silent: UInt64) -> (tile: [Float], marks: [UInt32]) {
        let heard = numbers(Self.samples, seed: seed + 1).indices.map { silent >> UInt64($0) & 1 == 0 ? Float(1) : 0 }
        var tile = [Float](repeating: .nan, count: width * Self.samples)
        var marks = [UInt32](repeating: .max, count: 2 * width)
        marks.withUnsafeMutableBufferPointer {
            let marks = RowTile.Marks($0.baseAddress!)
            RowTile.forward(
                .columns(heard), terms: 1, weights: numbers(width, seed: seed), biases: [Float](repeating: 0, count: width), width: width,
                y: &tile, cutsAtZero: true, marks: marks)
            marks.clear(RowTile.silent(heard, count: 1), width: width)
        }
        for k in tile.indices where k % 3 == 0 { tile[k] *= numbers(1, seed: k)[0] }
        return (tile, marks)
    }

    static let cutShapes = [(32, 32), (64, 64), (32, 96), (96, 32), (64, 32)]

    @Test("products that leave out zeros are those of all numbers, to the bit", arguments: cutShapes, [0, ~0x8001_0000_0300_0F01])
    func marked(shape: (terms: Int, width: Int), silent: UInt64) {
        let (terms, width) = shape
        let (x, marks) = cut(width: terms, seed: 11, silent: silent)
        for k in x.indices {
            let marked = marks[k / 32] >> UInt32(k % 32) & 1 == 1
            #expect(marked || x[k] == 0)
            if silent >> UInt64(k / terms) & 1 == 1 { #expect(!marked) }
        }
        var read = marks
        var written = [UInt32](repeating: .max, count: 2 * width)
        let (w, b, below) = (numbers(terms * width, seed: 12), numbers(width, seed: 13), numbers(width * Self.samples, seed: 14))
        /// What all numbers give, beside what the marked ones do: [64, width] each, sums over the samples, and marks.
        var (all, some) = (below, numbers(width * Self.samples, seed: 15))
        var (allSums, someSums) = ([Float](repeating: 2, count: width), [Float](repeating: 2, count: width))
        x.withUnsafeBufferPointer { x in
            read.withUnsafeMutableBufferPointer { read in
                written.withUnsafeMutableBufferPointer { written in
                    let (read, written) = (RowTile.Marks(read.baseAddress!), RowTile.Marks(written.baseAddress!))
                    RowTile.forward(
                        .rows(x.baseAddress!, width: terms), terms: terms, weights: w, biases: b, width: width, y: &all, cutsAtZero: true)
                    RowTile.forward(
                        x.baseAddress!, marked: read, terms: terms, weights: w, biases: b, width: width, y: &some, marks: written)
                }
            }
        }
        #expect(all == some)
        for k in all.indices { #expect((written[k / 32] >> UInt32(k % 32) & 1 == 1) == (all[k] > 0)) }
        x.withUnsafeBufferPointer { x in
            below.withUnsafeBufferPointer { below in
                read.withUnsafeMutableBufferPointer { read in
                    written.withUnsafeMutableBufferPointer { written in
                        let (read, written) = (RowTile.Marks(read.baseAddress!), RowTile.Marks(written.baseAddress!))
                        RowTile.backward(
                            .rows(x.baseAddress!, width: terms), terms: terms, weights: w, width: width, slope: .cut(below.baseAddress!),
                            dx: &all, biasSums: &allSums)
                        RowTile.backward(
                            x.baseAddress!, marked: read, terms: terms, weights: w, width: width, below: below.baseAddress!, dx: &some,
                            biasSums: &someSums, marks: written)
                    }
                }
            }
        }
        #expect(all == some)
        for k in all.indices { #expect((written[k / 32] >> UInt32(k % 32) & 1 == 1) == (below[k] > 0)) }
        for c in 0..<width { #expect((allSums[c] - someSums[c]).magnitude < 3e-5) }
        var (allProducts, someProducts) = ([Float](repeating: 1, count: terms * width), [Float](repeating: 1, count: terms * width))
        x.withUnsafeBufferPointer { x in
            read.withUnsafeMutableBufferPointer { read in
                RowTile.addProducts(.rows(x.baseAddress!, width: terms), rows: terms, below, width: width, sums: &allProducts)
                RowTile.addProducts(
                    x.baseAddress!, marked: RowTile.Marks(read.baseAddress!), rows: terms, below, width: width, sums: &someProducts)
            }
        }
        #expect(allProducts == someProducts)
    }

    @Test("a sample is silent where all its numbers are zero")
    func silent() {
        var x = numbers(3 * Self.samples, seed: 16)
        for s in [0, 17, 63] { for k in 0..<3 { x[k * Self.samples + s] = k == 1 ? -0.0 : 0 } }
        x[5] = 0
        let expected: UInt64 = 1 | 1 << 17 | 1 << 63
        #expect(RowTile.silent(x, count: 3) == expected)
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
