import Feeds
import Foundation
import Hedging
import Market
import Testing

@Suite("Imports")
struct ChainImportTests {
    /// Four files of five days, a month apart.
    static func files(in folder: Folder) throws -> [String] {
        let base = ChainFileTests.snapshots
        return try (0..<4).map { month in
            let shifted = base.map { $0.shifted(days: 31 * month) }
            let bytes = try #require(try DeribitChainWriter.files(shifted).first { $0.path.hasPrefix("chains/") }).bytes
            return try folder.write("raw/part-\(month).csv.gz", bytes)
        }
    }

    /// Runs an import into a folder; stops before the file of that number, if any.
    @discardableResult
    static func run(
        _ files: [String], into folder: Folder, stoppingAt stop: Int? = nil, resuming state: ChainImport.State? = nil,
        filter: QuoteFilter? = QuoteFilter()
    ) throws -> (state: ChainImport.State, report: ImportReport?) {
        var work = try ChainImport(files, format: DeribitChainFeed(), selecting: .init(), filter: filter)
        if let state { try work.resume(state, storedIn: folder.path) }
        func append(_ bytes: [UInt8], _ path: String) throws(FeedError) {
            do { try folder.append(bytes, path) } catch { throw .stopped }
        }
        while work.state.filesDone != stop, try work.readNext(append: append) {}
        return (work.state, stop == nil ? try work.finish(append: append) : nil)
    }

    @Test("put down after any file and taken up again, the dataset is the same to the last bit", arguments: [1, 2, 3])
    func resume(stop: Int) throws {
        let (raw, whole, parts) = (try Folder(), try Folder(), try Folder())
        let files = try Self.files(in: raw)
        let uninterrupted = try #require(try Self.run(files, into: whole).report)
        let put = try Self.run(files, into: parts, stoppingAt: stop).state
        let kept = try JSONDecoder().decode(ChainImport.State.self, from: try JSONEncoder().encode(put))
        #expect(kept == put)
        let resumed = try #require(try Self.run(files, into: parts, resuming: kept).report)
        #expect(resumed == uninterrupted)
        let names = uninterrupted.stored.keys.sorted()
        #expect(
            names == ["chains/eth-2026-01.chains", "chains/eth-2026-02.chains", "chains/eth-2026-03.chains", "chains/eth-2026-04.chains"])
        for name in names { #expect(try whole.bytes(name) == parts.bytes(name)) }
    }

    @Test("a damaged file is mended and the import goes on; a changed file that is done, another file or other settings are another import")
    func mended() throws {
        let (raw, whole, parts) = (try Folder(), try Folder(), try Folder())
        let files = try Self.files(in: raw)
        let good = try raw.bytes("raw/part-2.csv.gz")
        let report = try #require(try Self.run(files, into: whole).report)
        try raw.write("raw/part-2.csv.gz", Array(good.dropLast(100)))
        let put = try Self.run(files, into: parts, stoppingAt: 2).state
        #expect(throws: FeedError.self) { try Self.run(files, into: try Folder()) }
        try raw.write("raw/part-2.csv.gz", good)
        #expect(try Self.run(files, into: parts, resuming: put).report == report)

        func beginning(_ files: [String], _ filter: QuoteFilter? = QuoteFilter()) throws -> ChainImport.State {
            try ChainImport(files, format: DeribitChainFeed(), selecting: .init(), filter: filter).state
        }
        #expect(try put.leads(to: beginning(files)))
        #expect(try !put.leads(to: beginning(files.dropLast())) && !put.leads(to: beginning(files, nil)))
        try raw.write("raw/part-0.csv.gz", try raw.bytes("raw/part-0.csv.gz") + Gzip.compress([0x0A]))
        #expect(try !put.leads(to: beginning(files)))
    }

    @Test("a mark that did not move with the forward is stale across files too, and where the import was put down between them")
    func staleAcrossFiles() throws {
        let (raw, whole, parts) = (try Folder(), try Folder(), try Folder())
        func row(_ stamp: String, _ forward: String) -> String {
            BadFileTests.header
                + "\n\(stamp),BTC-13FEB26-80000-C,0.03,0.031,0.0305,0.6226,0.45,30,1361.7,6.3,\(forward),BTC-13FEB26,78521.59\n"
        }
        let files = [
            try raw.write("a.csv", row("20260203T042935Z,1770092975033", "78000")),
            try raw.write("b.csv", row("20260203T052935Z,1770096575033", "80000")),
        ]
        let report = try #require(try Self.run(files, into: whole).report)
        #expect(report.badQuotes.counts == ["stale": 1])
        let put = try Self.run(files, into: parts, stoppingAt: 1).state
        #expect(try Self.run(files, into: parts, resuming: put).report == report)
    }

    @Test("a snapshot that is there already is counted and left out; the first stays")
    func duplicates() throws {
        let (raw, out) = (try Folder(), try Folder())
        let files = try Self.files(in: raw)
        let again = try raw.write("raw/again.csv.gz", try raw.bytes("raw/part-1.csv.gz"))
        let report = try #require(try Self.run(files + [again], into: out).report)
        #expect(report.duplicates == 20 && report.snapshotsRead == 100)
        #expect(report.coverage["ETH"]?.snapshots == 80 && report.coverage["ETH"]?.gaps.count == 3)
        #expect(try RecordedChains.snapshots(at: out.path).count == 80)
    }

    @Test("bad rows are counted by reason and listed with file and line; the others are imported")
    func badRows() throws {
        let (raw, out) = (try Folder(), try Folder())
        var lines = String(
            decoding: try Gzip.inflate(
                try {
                    _ = try Self.files(in: raw); return try raw.bytes("raw/part-0.csv.gz")
                }(), path: "x"), as: UTF8.self
        )
        .split(separator: "\n").map(String.init)
        let rows = lines.count - 1
        lines[2] = lines[2].replacingOccurrences(of: ",SYN.", with: ",SIN.")
        lines[5] += ",1"
        lines[9] = String(lines[9].dropLast(3)) + "NaN"
        lines.append("20260101T000000Z,17672" + "25600000,ETH")
        let file = try raw.write("bad.csv", lines.joined(separator: "\n"))
        let report = try #require(try Self.run([file], into: out, filter: nil).report)
        #expect(report.badRows.counts.values.reduce(0, +) == 4)
        #expect(report.badRows.counts["number of columns"] == 1 && report.badRows.counts["index"] == 1)
        #expect(report.badRows.counts["cut short"] == 1)
        #expect(report.badRows.examples["index"]?.first?.contains("bad.csv, line 10, column index") == true)
        #expect(report.stored.values.reduce(0, +) == rows - 3)
    }

    @Test("a marker at every gap longer than half as much again as the median")
    func coverage() throws {
        let hours = [0.0, 6, 12, 18, 27.1, 33, 39, 60]
        let times = hours.map { Timestamp(nanoseconds: Int64($0 * 3.6e12)) }
        let coverage = try #require(Coverage(times.reversed()))
        #expect(coverage.snapshots == 8 && coverage.medianHours == 6 && coverage.longestHours == 21)
        #expect(coverage.gaps.map { $0.hours.rounded() } == [9, 21])
        #expect(Coverage([]) == nil)
        #expect(try #require(Coverage([times[0]])).gaps.isEmpty)
    }
}

extension MarketSnapshot {
    /// The same market so many days later, options and all.
    func shifted(days: Int) -> MarketSnapshot {
        let shift = Int64(days) * Timestamp.nanosecondsPerDay
        func later(_ time: Timestamp) -> Timestamp { Timestamp(nanoseconds: time.nanoseconds + shift) }
        var snapshot = self
        snapshot.time = later(time)
        for index in options.indices { snapshot.options[index].contract.expiry = later(options[index].contract.expiry) }
        return snapshot
    }
}
