import Foundation
import Market
import Store
import Testing

@Suite struct DataTableTests {
    static let table: DataTable = {
        var table = DataTable()
        table.add("name", ["plain", "a, \"quoted\" name", "β"])
        table.add("count", [1, -2, 3])
        table.add("value", [0.1, .nan, 1e300])
        table.add("time", [0, 1_772_524_800_123_456_000, -1_000_000_000].map { Timestamp(nanoseconds: $0) })
        return table
    }()

    @Test("CSV quotes what must be quoted and leaves a missing number empty")
    func csv() {
        #expect(
            Self.table.csv == """
                name,count,value,time
                plain,1,0.1,1970-01-01T00:00:00Z
                "a, ""quoted"" name",-2,,2026-03-03T08:00:00.123456Z
                β,3,1e+300,1969-12-31T23:59:59Z

                """)
    }
}

/// What pandas, pyarrow and Polars make of the sample stands in Tests/Python/test_parquet.py.
@Suite struct ParquetTests {
    static let notes = ["schema": "0f3a", "about": "three rows, \"and\" no more"]

    /// Every kind of column, two of them with a unit; more than 14 of them, as the format writes longer lists in another way.
    static func sample(_ rows: Range<Int>) -> DataTable {
        var table = DataTable()
        table.add("time", rows.map { Timestamp(nanoseconds: 1_772_524_800_123_456_789 + Int64($0) * 3_600_000_000_000) })
        table.add("expiry", rows.map { _ in Timestamp(milliseconds: -1) })
        table.add("name", rows.map { ["BTC-27MAR26-90000-C", "", "β, \"quoted\""][$0 % 3] })
        table.add("count", rows.map { [Int.max, -2, .min][$0 % 3] })
        table.add("volatility", unit: "annual decimal", rows.map { [0.1, .nan, 1e300][$0 % 3] })
        table.add("basis", unit: "per \"year\"", rows.map { [-0.0, .infinity, .leastNonzeroMagnitude][$0 % 3] })
        for column in 0..<12 { table.add("f\(column)", rows.map { Double($0 * column) }) }
        return table
    }

    @Test("the bytes are those that other tools read right")
    func committedSample() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("References/parquet/sample.parquet")
        let encoded = Parquet.encoded(Self.sample(0..<3), notes: Self.notes)
        #expect(try encoded == Data(contentsOf: file))
    }

    @Test("tables handed over one after the other are one file with a row group each, and no rows are no row group")
    func pieces() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("References/parquet/pieces.parquet")
        let scratch = try Scratch()
        let written = scratch.file("pieces.parquet")
        try Parquet.write(to: written, columnsOf: Self.sample(0..<0), notes: Self.notes) { append in
            for rows in [0..<2, 2..<2, 2..<7] { try append(Self.sample(rows)) }
        }
        #expect(try Data(contentsOf: written) == Data(contentsOf: file))
        try Parquet.write(Self.sample(0..<3), notes: Self.notes, to: written)
        #expect(try Data(contentsOf: written) == Parquet.encoded(Self.sample(0..<3), notes: Self.notes))
    }

    @Test("a writer that fails leaves the file that was there")
    func failure() throws {
        struct Interrupted: Error {}
        let scratch = try Scratch()
        let file = scratch.file("kept.parquet")
        try Data("before".utf8).write(to: file)
        #expect(throws: Interrupted.self) {
            try Parquet.write(to: file, columnsOf: Self.sample(0..<0)) { append in
                try append(Self.sample(0..<5))
                throw Interrupted()
            }
        }
        #expect(try Data(contentsOf: file) == Data("before".utf8))
        #expect(try scratch.names() == ["kept.parquet"])
    }
}
