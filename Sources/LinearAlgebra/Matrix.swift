/// A dense matrix, row-major: element (i, j) lies at `storage[i * columns + j]`.
///
/// Rows are observations (paths N, states N), columns are variables (features F, instruments H).
public struct Matrix<Scalar: BLASScalar>: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public var storage: [Scalar]

    public init(rows: Int, columns: Int, storage: [Scalar]) {
        precondition(rows >= 0 && columns >= 0, "negative shape: \(rows) x \(columns)")
        precondition(storage.count == rows * columns, "\(rows) x \(columns) needs \(rows * columns) elements, found \(storage.count)")
        self.rows = rows
        self.columns = columns
        self.storage = storage
    }

    public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
        self.init(rows: rows, columns: columns, storage: Array(repeating: value, count: rows * columns))
    }

    /// The matrix whose element (i, j) is `element(i, j)`.
    public init(rows: Int, columns: Int, element: (Int, Int) throws -> Scalar) rethrows {
        var storage: [Scalar] = []
        storage.reserveCapacity(rows * columns)
        for i in 0..<rows { for j in 0..<columns { storage.append(try element(i, j)) } }
        self.init(rows: rows, columns: columns, storage: storage)
    }

    public static func identity(_ size: Int) -> Matrix {
        Matrix(rows: size, columns: size) { $0 == $1 ? 1 : 0 }
    }

    public subscript(row: Int, column: Int) -> Scalar {
        get { storage[row * columns + column] }
        set { storage[row * columns + column] = newValue }
    }

    public func row(_ index: Int) -> ArraySlice<Scalar> { storage[index * columns..<(index + 1) * columns] }

    public func column(_ index: Int) -> [Scalar] { (0..<rows).map { self[$0, index] } }

    public var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }
}
