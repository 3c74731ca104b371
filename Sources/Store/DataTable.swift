public import Market

/// Named columns of equal length: what is written as Parquet and as CSV, and read by pandas and Polars.
public struct DataTable: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case integers([Int64])
        /// NaN where there is no value.
        case numbers([Double])
        case times([Timestamp])
        case texts([String])

        public var count: Int {
            switch self {
            case .integers(let values): values.count
            case .numbers(let values): values.count
            case .times(let values): values.count
            case .texts(let values): values.count
            }
        }
    }

    public struct Column: Sendable, Equatable {
        public var name: String
        public var values: Values
        /// `annual decimal`, `coin`, `years`; nil where the name says it or there is none.
        public var unit: String?
    }

    public private(set) var columns: [Column] = []

    public init() {}

    /// Number of rows.
    public var count: Int { columns.first?.values.count ?? 0 }

    public mutating func add(_ name: String, unit: String? = nil, _ values: Values) {
        precondition(columns.isEmpty || values.count == count, "column '\(name)' has \(values.count) values, the table \(count) rows")
        precondition(!columns.contains { $0.name == name }, "two columns are named '\(name)'")
        columns.append(Column(name: name, values: values, unit: unit))
    }

    public mutating func add(_ name: String, unit: String? = nil, _ values: [Double]) { add(name, unit: unit, .numbers(values)) }

    public mutating func add(_ name: String, unit: String? = nil, _ values: [Timestamp]) { add(name, unit: unit, .times(values)) }

    public mutating func add(_ name: String, unit: String? = nil, _ values: [String]) { add(name, unit: unit, .texts(values)) }

    public mutating func add(_ name: String, unit: String? = nil, _ values: [Int]) {
        add(name, unit: unit, .integers(values.map { Int64($0) }))
    }

    /// RFC 4180, lines ended by a newline, numbers with the fewest digits that read back equal, an empty field for NaN, times as ISO 8601.
    public var csv: String {
        var lines = [columns.map { Self.quoted($0.name) }.joined(separator: ",")]
        lines.reserveCapacity(count + 1)
        for row in 0..<count {
            lines.append(
                columns.map { column in
                    switch column.values {
                    case .integers(let values): String(values[row])
                    case .numbers(let values): values[row].isNaN ? "" : values[row].description
                    case .times(let values): values[row].iso8601
                    case .texts(let values): Self.quoted(values[row])
                    }
                }.joined(separator: ","))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
