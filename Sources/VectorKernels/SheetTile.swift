import CVector

/// Where a tile of 64 samples lies on a sheet, and the sheet's tables read there. Only where `VectorUnit.isAvailable`.
///
/// A sheet's nodes are even in asinh(x/s) and in asinh(√v/r); between them a table is the product of Lagrange's cubics through four
/// nodes each way. Beyond the edge it is the edge's value.
public struct SheetTile: Sendable {
    let rows: Float
    let columns: Float
    /// 1/s and 1/r.
    let inverseNarrowest: Float
    let inverseNarrowestRoot: Float
    /// Nodes in a unit of asinh.
    let rowDensity: Float
    let columnDensity: Float

    /// - Parameters:
    ///   - rows, columns: At least 4; x is 0 at row `rows / 2`, v at column 0.
    ///   - narrowest, narrowestRoot: s and r.
    ///   - rowStep, columnStep: Steps of asinh from node to node.
    public init(rows: Int, columns: Int, narrowest: Double, narrowestRoot: Double, rowStep: Double, columnStep: Double) {
        precondition(rows >= 4 && columns >= 4, "a sheet of \(rows) by \(columns) nodes has no cubics")
        self.rows = Float(rows)
        self.columns = Float(columns)
        inverseNarrowest = Float(1 / narrowest)
        inverseNarrowestRoot = Float(1 / narrowestRoot)
        rowDensity = Float(1 / rowStep)
        columnDensity = Float(1 / columnStep)
    }

    /// First nodes and weights of a tile's cubics.
    public struct Places {
        /// Floats of memory that a tile's places take.
        public static let size = 9 * DenseTile.samples
        let firsts: UnsafeMutablePointer<Int32>
        /// [8, 64]: four for the rows, four for the columns.
        let weights: UnsafeMutablePointer<Float>

        public init(_ memory: UnsafeMutablePointer<Float>) {
            firsts = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Int32.self)
            weights = memory + DenseTile.samples
        }
    }

    /// Finds the places of (x, v), 64 of each.
    public func find(_ x: UnsafePointer<Float>, variance: UnsafePointer<Float>, _ places: Places) {
        let n = DenseTile.samples
        let middle = Float(Int(rows) / 2)
        for i in stride(from: 0, to: n, by: 16) {
            let value = Vector(x + i)
            let size = VectorFormulas.inverseSinh(vector_max(value, -value) * Vector(repeating: inverseNarrowest))
            let signed = size.replacing(with: -size, where: value .< Vector())
            let row = Self.cubic(fma(signed, Vector(repeating: rowDensity), middle), rows, places.weights + i)
            let root = vector_sqrt(vector_max(Vector(variance + i), Vector())) * Vector(repeating: inverseNarrowestRoot)
            let column = Self.cubic(
                VectorFormulas.inverseSinh(root) * Vector(repeating: columnDensity), columns, places.weights + 4 * n + i)
            // Whole numbers below 2²³: in the low bits once 1.5·2²³ is added.
            let first = fma(row, Vector(repeating: columns), column) + Vector(repeating: Self.magic)
            let bits = unsafeBitCast(first, to: SIMD16<Int32>.self) &- SIMD16(repeating: 0x4B40_0000)
            UnsafeMutableRawPointer(places.firsts + i).storeBytes(of: bits, as: SIMD16<Int32>.self)
        }
    }

    /// y ← the table at the places, cut to `low`...`high`.
    ///
    /// - Parameter table: [rows, columns].
    public func read(_ table: UnsafePointer<Float>, _ places: Places, to y: UnsafeMutablePointer<Float>, low: Float, high: Float) {
        let n = DenseTile.samples
        let columns = Int(columns)
        for i in 0..<n {
            let first = table + Int(places.firsts[i])
            let w = places.weights + i
            var line = Self.four(first) * w[0]
            line.addProduct(SIMD4(repeating: w[n]), Self.four(first + columns))
            line.addProduct(SIMD4(repeating: w[2 * n]), Self.four(first + 2 * columns))
            line.addProduct(SIMD4(repeating: w[3 * n]), Self.four(first + 3 * columns))
            y[i] = (line * SIMD4(w[4 * n], w[5 * n], w[6 * n], w[7 * n])).sum()
        }
        for i in stride(from: 0, to: n, by: 16) {
            vector_min(vector_max(Vector(y + i), Vector(repeating: low)), Vector(repeating: high)).store(y + i)
        }
    }

    private static let magic: Float = 12_582_912

    @inline(__always)
    private static func four(_ source: UnsafePointer<Float>) -> SIMD4<Float> {
        UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self)
    }

    /// The first of the four nodes around a place, and Lagrange's weights, 64 floats from one to the next.
    @inline(__always)
    private static func cubic(_ place: Vector, _ count: Float, _ weights: UnsafeMutablePointer<Float>) -> Vector {
        let inside = vector_min(vector_max(place, Vector()), Vector(repeating: count - 1))
        // Rounding place − 3/2 leaves the place between the second and the third node.
        let rounded = (inside - Vector(repeating: 1.5) + Vector(repeating: magic)) - Vector(repeating: magic)
        let first = vector_min(vector_max(rounded, Vector()), Vector(repeating: count - 4))
        let t = inside - first
        let t1 = t - Vector(repeating: 1), t2 = t - Vector(repeating: 2), t3 = t - Vector(repeating: 3)
        (t1 * t2 * t3 * Vector(repeating: -1 / 6)).store(weights)
        (t * t2 * t3 * Vector(repeating: 0.5)).store(weights + DenseTile.samples)
        (t * t1 * t3 * Vector(repeating: -0.5)).store(weights + 2 * DenseTile.samples)
        (t * t1 * t2 * Vector(repeating: 1 / 6)).store(weights + 3 * DenseTile.samples)
        return first
    }
}

extension VectorFormulas {
    /// asinh x = ln(1 + x + x²/(1 + √(1 + x²))) for x ≥ 0; the error is that of a number near one.
    @inline(__always)
    static func inverseSinh(_ x: Vector) -> Vector {
        let one = Vector(repeating: 1)
        let square = x * x
        return log(one + x + square / (one + vector_sqrt(one + square)))
    }
}
