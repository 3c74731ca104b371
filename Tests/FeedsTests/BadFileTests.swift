import Feeds
import Foundation
import Market
import Testing

/// Files that are broken in one way each: the message says what, where, and what was expected.
@Suite("Bad files")
struct BadFileTests {
    static let header = DeribitChainFeed.columns.joined(separator: ",")
    static let row =
        "20260203T042935Z,1770092975033,BTC-13FEB26-100000-C,0.0003,0.0005,0.00038773,0.6226,0.01148,3.93758,1361.7,6.3,78486.55,BTC-13FEB26,78521.59"

    static func message(_ text: String) -> String? {
        do {
            _ = try DeribitChainFeed().snapshots(in: DataFile(path: "x.csv", bytes: Array(text.utf8)), selecting: .init(), prices: .init())
            return nil
        } catch {
            return error.description
        }
    }

    /// The good row with one cell replaced.
    static func with(_ column: String, _ value: String) -> String {
        var cells = row.components(separatedBy: ",")
        cells[DeribitChainFeed.columns.firstIndex(of: column)!] = value
        return header + "\n" + row + "\n" + cells.joined(separator: ",") + "\n"
    }

    @Test("the good row is good, with CRLF and a byte order mark too")
    func good() {
        #expect(Self.message(Self.header + "\n" + Self.row + "\n") == nil)
        #expect(Self.message("\u{FEFF}" + Self.header + "\r\n" + Self.row + "\r\n") == nil)
        #expect(Self.message(Self.header + "\n") == nil)
    }

    static let cells: [(String, String, String)] = [
        ("mark", "NaN", "x.csv, line 3, column mark: found 'NaN', expected a number of at least 0"),
        ("mark", "", "x.csv, line 3, column mark: found nothing, expected a number of at least 0"),
        ("bid", "-0.1", "x.csv, line 3, column bid: found '-0.1', expected a number of at least 0 or nothing"),
        ("ask", "1e400", "x.csv, line 3, column ask: found '1e400', expected a number of at least 0 or nothing"),
        ("ask", "0x1p3", "x.csv, line 3, column ask: found '0x1p3', expected a number of at least 0 or nothing"),
        ("delta", "1.5", "x.csv, line 3, column delta: found '1.5', expected a number from -1 to 1"),
        ("underlying", "0", "x.csv, line 3, column underlying: found '0', expected a positive number"),
        ("index", "inf", "x.csv, line 3, column index: found 'inf', expected a positive number"),
        ("mark_iv", "-0.5", "x.csv, line 3, column mark_iv: found '-0.5', expected a number of at least 0"),
        (
            "t_ms", "1770092975",
            "x.csv, line 3, column t_ms: found '1770092975', expected 1770092975033, the stamp of the rows of that snapshot before"
        ),
        ("snap", "yesterday", "x.csv, line 3, column snap: found 'yesterday', expected a snapshot id like 20260203T042935Z"),
        (
            "snap", "20260203T042936Z",
            "x.csv, line 3, column t_ms: found '1770092975033', expected milliseconds since 1970 that fall in the second of the id 20260203T042936Z"
        ),
        (
            "underlying_name", "BTC",
            "x.csv, line 3, column underlying_name: found 'BTC', expected INDEX, a dated future's name, or SYN. and a name"
        ),
        ("instrument", "BTC-PERPETUAL", "x.csv, line 3, column instrument: found 'BTC-PERPETUAL', expected an option's name"),
        ("bid", "\u{1B}[2J", "x.csv, line 3, column bid: found '\\u{1b}[2J', expected a number of at least 0 or nothing"),
    ]

    @Test("a bad cell is named by line and column", arguments: cells)
    func badCell(column: String, value: String, expected: String) {
        #expect(Self.message(Self.with(column, value)) == expected)
    }

    @Test("a negative strike is no option's name")
    func negativeStrike() {
        let message = Self.message(Self.with("instrument", "BTC-13FEB26--100000-C"))
        #expect(message?.hasPrefix("x.csv, line 3, column instrument: found 'BTC-13FEB26--100000-C', expected an option's name") == true)
    }

    static let semicolons = header.replacingOccurrences(of: ",", with: ";")
    static let unended = "the last line has no line end, so the file may be cut short; fetch it again or end the line"
    static let manyColumns = String(repeating: ",", count: 1_000_000)
    static let shapes: [(String, String)] = [
        ("", "x.csv: the file is empty, expected the columns \(header)"),
        ("a,b\n1,2\n", "x.csv, line 1: found the columns 'a,b', expected '\(header)'"),
        ("\(semicolons)\n", "x.csv, line 1: found the columns '\(semicolons.prefix(80))...', expected '\(header)'"),
        (header, "x.csv, line 1: \(unended)"),
        ("\(header)\n\(row)", "x.csv, line 2: \(unended)"),
        ("\(header)\n\(row)\n\(row.prefix(40))", "x.csv, line 3: \(unended)"),
        ("\(header)\n\(row),5\n", "x.csv, line 2: found 15 columns, expected 14"),
        ("\(header)\n\(row)\n\n", "x.csv, line 3: found 1 column, expected 14"),
        ("\(header)\n\(row.prefix(60))\n", "x.csv, line 2: found 5 columns, expected 14"),
        ("\(header)\n\(manyColumns)\n", "x.csv, line 2: found 1000001 columns, expected 14"),
    ]

    @Test("broken shapes", arguments: shapes)
    func brokenShape(text: String, expected: String) {
        #expect(Self.message(text) == expected)
    }

    @Test("snapshots out of order are told from where they turn back")
    func unsorted() {
        let later = Self.row.replacingOccurrences(of: "20260203T042935Z,1770092975033", with: "20260203T092935Z,1770110975033")
        let message = Self.message([Self.header, later, Self.row].joined(separator: "\n") + "\n")
        #expect(message == "x.csv, line 3: 2026-02-03T04:29:35.033Z comes after 2026-02-03T09:29:35.033Z, expected rows in time order")
    }

    @Test("bytes that are no text")
    func noText() {
        var bytes = Array((Self.header + "\n" + Self.row + "\n").utf8)
        bytes[Self.header.utf8.count + 30] = 0xFF
        #expect(throws: FeedError.self) {
            try DeribitChainFeed().snapshots(in: DataFile(path: "x.csv", bytes: bytes), selecting: .init(), prices: .init())
        }
    }

    @Test("gzip: every cut and every flipped byte is found, and the file is named")
    func gzip() throws {
        let text = Array((Self.header + "\n" + Self.row + "\n").utf8)
        let packed = Gzip.compress(text)
        #expect(Gzip.isCompressed(packed))
        #expect(try Gzip.inflate(packed, path: "x.gz") == text)
        #expect(try Gzip.inflate(packed + packed, path: "x.gz") == text + text)
        for length in 2..<packed.count {
            #expect(throws: FeedError.self, "cut to \(length)") { try Gzip.inflate(Array(packed.prefix(length)), path: "x.gz") }
        }
        // Bytes 4 to 9 are time, flags and system, which no check covers.
        for index in packed.indices where !(4...9).contains(index) && index != 3 {
            var damaged = packed
            damaged[index] ^= 0x55
            #expect(throws: FeedError.self, "flipped \(index)") { try Gzip.inflate(damaged, path: "x.gz") }
        }
        let error = #expect(throws: FeedError.self) { try Gzip.inflate(Array(packed.prefix(60)), path: "chains/x.csv.gz") }
        #expect(error?.description.hasPrefix("chains/x.csv.gz: damaged gzip data: it ends early, after 60 bytes") == true)
        #expect(throws: FeedError.self) { try Gzip.inflate(packed + [1, 2, 3], path: "x.gz") }
    }

    @Test("a small file that inflates to more than the limit stops there")
    func bomb() {
        let packed = Gzip.compress([UInt8](repeating: 0, count: 50_000_000))
        #expect(packed.count < 60_000)
        #expect(throws: FeedError.tooLarge(path: "b.gz", limit: 1 << 20)) { try Gzip.inflate(packed, path: "b.gz", limit: 1 << 20) }
    }

    @Test("directories, pipes, devices and what is not there are refused without waiting")
    func notFiles() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let pipe = directory.appendingPathComponent("pipe.csv").path
        #expect(mkfifo(pipe, 0o600) == 0)
        let loop = directory.appendingPathComponent("loop.csv").path
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
        #expect(throws: FeedError.notAFile(path: directory.path, found: "a directory")) { try DataFile(reading: directory.path) }
        #expect(throws: FeedError.notAFile(path: pipe, found: "a pipe")) { try DataFile(reading: pipe) }
        #expect(throws: FeedError.notAFile(path: "/dev/zero", found: "a device")) { try DataFile(reading: "/dev/zero") }
        #expect(throws: FeedError.self) { try DataFile(reading: loop) }
        #expect(throws: FeedError.cannotRead(path: directory.path + "/none.csv", reason: "No such file or directory")) {
            try DataFile(reading: directory.path + "/none.csv")
        }
    }

    @Test("gzip is told by its bytes, not by its name")
    func disguised() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let text = Array((Self.header + "\n" + Self.row + "\n").utf8)
        try Data(Gzip.compress(text)).write(to: directory.appendingPathComponent("a.csv"))
        try Data(text).write(to: directory.appendingPathComponent("b.csv.gz"))
        let a = try RecordedChains.snapshots(at: directory.appendingPathComponent("a.csv").path)
        let b = try RecordedChains.snapshots(at: directory.appendingPathComponent("b.csv.gz").path)
        #expect(a == b && a.count == 1)
        #expect(throws: FeedError.duplicateSnapshot(time: "2026-02-03T04:29:35.033Z", market: "BTC")) {
            try RecordedChains.snapshots(at: directory.path)
        }
    }

    @Test("an unknown format lists the known ones")
    func unknownFormat() {
        #expect(throws: FeedError.noSuchFormat(name: "okx", known: FeedCatalog.all.map(\.name))) {
            try FeedCatalog.named("okx")
        }
        #expect(FeedCatalog.recognized(DataFile(path: "x", bytes: Array("a,b\n".utf8))) == nil)
    }
}

/// What every format must do, over the catalogue: a new one is covered by its line there.
@Suite("Feed catalogue")
struct FeedCatalogTests {
    @Test("names are kebab-case and unique, and each is found by its name")
    func names() throws {
        let names = FeedCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber })
            #expect(try FeedCatalog.named(name).name == name)
        }
    }

    @Test("no format takes an empty file, another's columns or binary noise for its own", arguments: FeedCatalog.all.indices)
    func refuses(index: Int) {
        let feed = FeedCatalog.all[index]
        for text in ["", "a,b,c\n1,2,3\n", "\u{0}\u{1}\u{2}", "{\"json\": true}\n"] {
            let file = DataFile(path: "x", bytes: Array(text.utf8))
            #expect(!feed.recognizes(firstLine: file.firstLine))
            #expect(throws: FeedError.self) { try feed.snapshots(in: file, selecting: .init(), prices: .init()) }
        }
    }

    /// How a file of each format begins.
    static let firstLines = [
        "hedge-chains": "hedge option chains 1",
        "deribit-chains": DeribitChainFeed.columns.joined(separator: ","),
        "deribit-collector": DeribitCollectorFeed.columns.joined(separator: ","),
        "deribit-json": #"{"jsonrpc":"2.0","id":1,"result":[],"usIn":1,"usOut":2,"usDiff":1,"testnet":false}"#,
        "tardis-options-chain": TardisOptionsChainFeed.columns.joined(separator: ","),
        "tardis-derivative-ticker": TardisDerivativeTickerFeed.columns.joined(separator: ","),
        "plain-chains": "time,underlying,expiry,kind,strike,bid,ask,forward",
    ]

    @Test("each format takes its own files and no other's", arguments: FeedCatalog.all.indices)
    func recognition(index: Int) throws {
        let feed = FeedCatalog.all[index]
        #expect(Self.firstLines.count == FeedCatalog.all.count)
        let own = try #require(Self.firstLines[feed.name])
        #expect(FeedCatalog.recognized(firstLine: own)?.name == feed.name)
        for (name, line) in Self.firstLines where name != feed.name {
            #expect(!feed.recognizes(firstLine: line), "\(feed.name) takes \(name)")
        }
    }
}
