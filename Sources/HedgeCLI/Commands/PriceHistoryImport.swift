import Feeds
import Foundation
import Market
import Store

/// Histories of prices, funding or implied volatility on their way into a dataset: read whole, so that a bad row is refused with its
/// line, and then kept byte for byte.
struct PriceHistoryImport {
    static let format = "price-history"
    static let summary = "prices, funding or implied volatility over time, told by their columns"

    let files: [(path: String, format: HistoryFile.Format, history: HistoryFile)]

    init(_ paths: [String]) throws(Failure) {
        files = try reading(paths.joined(separator: ", ")) {
            try paths.flatMap { try RecordedChains.files(at: $0) }.map { path in
                let file = try DataFile(reading: path)
                let format = try HistoryFile.Format(of: file)
                return (path, format, try HistoryFile(file, format: format))
            }
        }
        let names = files.map { Self.name($0.path) }
        if let twin = Dictionary(grouping: names) { $0 }.first(where: { $0.value.count > 1 })?.key {
            throw .usage("two of the files are called \(twin); a dataset holds one of each name.")
        }
        if let empty = files.first(where: { $0.history.span == nil }) { throw .data("\(empty.path): a header without a row.") }
    }

    /// From the first moment of any file to the last.
    var span: ClosedRange<Timestamp>? {
        let spans = files.compactMap(\.history.span)
        guard let first = spans.map(\.lowerBound).min(), let last = spans.map(\.upperBound).max() else { return nil }
        return first...last
    }

    /// A line per file.
    var description: String {
        files.map { file in
            let span = file.history.span.map { ", \($0.lowerBound) to \($0.upperBound)" } ?? ""
            return "\(file.path): \(file.format.rawValue), \(FigureText.grouped(file.history.count)) rows\(span)"
        }.joined(separator: "\n")
    }

    func manifest(named name: StoreName, currency: String, licence: String) throws(Failure) -> DatasetManifest {
        guard let span else { throw .data("no row to save.") }
        let kinds = Set(files.map(\.format.rawValue)).sorted().joined(separator: ", ")
        return DatasetManifest(
            name: name.rawValue, about: "Recorded history (\(kinds)).", origin: .recorded,
            source: files.map { Self.name($0.path) }.joined(separator: ", "), licence: licence, currency: currency, layout: Self.format,
            units: files.reduce(into: [:]) { $0.merge($1.format.units) { $1 } },
            span: .init(from: span.lowerBound.description, to: span.upperBound.description), codeVersion: CodeVersion.current())
    }

    /// Writes the files as they were into a folder.
    func write(into folder: URL) throws -> [String: Int] {
        for file in files {
            try RegularFile.read(URL(fileURLWithPath: file.path), limit: 2 << 30).withUnsafeBytes { bytes in
                try Data(bytes).write(to: folder.appendingPathComponent(Self.name(file.path)))
            }
        }
        return Dictionary(uniqueKeysWithValues: files.map { (Self.name($0.path), $0.history.count) })
    }

    private static func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
}
