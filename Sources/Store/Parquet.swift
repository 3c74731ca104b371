public import Foundation
import Market

/// The Parquet file of a table: plain, uncompressed columns without nulls.
///
///     "PAR1" | row groups | Thrift-compact file metadata | u32 its length | "PAR1"
///
/// Every column is REQUIRED: a missing number is NaN, which pandas reads as missing. Times are microseconds in UTC. Every row group says
/// the lowest and highest of its times and integers, so that a reader who wants a range skips the others.
///
/// What is noted of a file (a schema's hash, a source) is in its key-value metadata, and the columns' units as a JSON object under `units`.
/// Under `PANDAS_ATTRS` the same stands once more: pandas shows it as `frame.attrs`.
///
/// Reference: the format's own description, parquet.thrift and Encodings.md at github.com/apache/parquet-format.
public enum Parquet {
    /// Rows of one row group: bounds the size of a page, which the format counts in 32 bits.
    static let rowsPerGroup = 1 << 20

    /// The whole file.
    public static func encoded(_ table: DataTable, notes: [String: String] = [:]) -> Data {
        var encoder = ParquetEncoder(columnsOf: table, notes: notes)
        return ParquetEncoder.head + encoder.rowGroups(table) + encoder.foot
    }

    /// Writes a file whole or not at all.
    public static func write(_ table: DataTable, notes: [String: String] = [:], to file: URL) throws {
        try write(to: file, columnsOf: table, notes: notes) { append in try append(table) }
    }

    /// Writes a file whole or not at all, without ever holding more than some of its rows.
    ///
    /// - Parameters:
    ///   - table: Names, kinds and units of the columns; its rows are not written.
    ///   - body: Hands over the rows, in tables that have these columns; each becomes a row group or several. Few rows a group
    ///     make a large and slow file: from some ten thousand on it does not matter. If `body` throws, nothing has changed.
    public static func write(
        to file: URL, columnsOf table: DataTable, notes: [String: String] = [:],
        _ body: (_ append: (DataTable) throws -> Void) throws -> Void
    ) throws {
        try AtomicFile.write(to: file) { sink in
            var encoder = ParquetEncoder(columnsOf: table, notes: notes)
            try sink.append(ParquetEncoder.head)
            try body { rows in try sink.append(encoder.rowGroups(rows)) }
            try sink.append(encoder.foot)
        }
    }
}
