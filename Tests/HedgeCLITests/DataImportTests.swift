import Feeds
import Foundation
import Market
import Testing

/// `hedge data import` as a process that is killed, fed too much, or given bad rows. One after another: they look at each other's clock.
@Suite(.serialized) struct DataImportTests {
    static let base = Result { try RecordedChains.snapshots(at: Hedge.root.appendingPathComponent(CommandTests.chain).path) }

    /// The committed month and eleven more like it, one after another, in the compact format.
    static let months = Result { try (0..<12).map(month) }

    private static func month(_ number: Int) throws -> [UInt8] {
        let shifted = try base.get().map { snapshot in
            var later = snapshot
            func shift(_ time: Timestamp) -> Timestamp { time.adding(days: Double(31 * number)) }
            later.time = shift(snapshot.time)
            for index in later.options.indices { later.options[index].contract.expiry = shift(snapshot.options[index].contract.expiry) }
            return later
        }
        // Days shift by whole months of 31: what was one file may be two.
        return try DeribitChainWriter.files(shifted).filter { $0.path.hasPrefix("chains/") }.reduce(into: []) { text, file in
            let rows = try Gzip.inflate(file.bytes, path: file.path)
            text += text.isEmpty ? rows[...] : rows[((rows.firstIndex(of: 0x0A) ?? -1) + 1)...]
        }
    }

    static func files(_ count: Int, in scratch: Scratch) throws -> [String] {
        try (0..<count).map { try scratch.write("raw/part-\($0 + 10).csv", Data(try months.get()[$0])) }
    }

    static func hashes(_ manifest: String) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: manifest))) as? [String: Any]
        let files = object?["files"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: files.compactMap { file in
                (file["path"] as? String).flatMap { path in (file["sha256"] as? String).map { (path, $0) } }
            })
    }

    @Test("killed in the middle, the same command goes on: every file is what an import in peace makes; other files are refused till then")
    func killed() throws {
        let scratch = try Scratch()
        let files = try Self.files(12, in: scratch)
        let data = scratch.url.appendingPathComponent("data").path
        func arguments(_ name: String) -> [String] { ["data", "import", "deribit-chains"] + files + ["--to", name, "--datasets", data] }
        #expect(try Hedge(arguments("peace")).status == 0)

        let process = Process()
        process.executableURL = try #require(Hedge.program)
        process.arguments = arguments("war")
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let record = data + "/.importing-war.json"
        while process.isRunning, !FileManager.default.fileExists(atPath: record) { usleep(500) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && !FileManager.default.fileExists(atPath: data + "/war"))

        let other = try Hedge(["data", "import", "deribit-chains", files[0], "--to", "war", "--datasets", data])
        #expect(other.status == 2 && other.errors.contains("--fresh"), "\(other.errors)")
        let resumed = try Hedge(arguments("war"))
        #expect(resumed.status == 0 && resumed.errors.contains("Going on after"), "\(resumed.errors)")
        let made = try Self.hashes(data + "/war/manifest.json")
        let peace = try Self.hashes(data + "/peace/manifest.json")
        #expect(made.count > 12 && made == peace)
        #expect(try FileManager.default.contentsOfDirectory(atPath: data).sorted() == ["peace", "war"])
    }

    @Test("interrupted, it says so with exit 130 and keeps what it has")
    func interrupted() throws {
        let scratch = try Scratch()
        let files = try Self.files(12, in: scratch)
        let data = scratch.url.appendingPathComponent("data").path
        let arguments = ["data", "import", "deribit-chains"] + files + ["--to", "x", "--datasets", data]
        let process = Process()
        process.executableURL = try #require(Hedge.program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: data + "/.importing-x.json") { usleep(500) }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let resumed = try Hedge(arguments)
        #expect(resumed.status == 0 && resumed.errors.contains("Going on after"), "\(resumed.errors)")
    }

    /// Largest resident memory of an import, KiB, watched while it runs.
    static func peak(_ arguments: [String]) throws -> Int {
        let process = Process()
        process.executableURL = try #require(Hedge.program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var peak = 0
        while process.isRunning {
            let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            peak = max(peak, line.flatMap { Int($0.filter(\.isNumber)) } ?? 0)
            usleep(1000)
        }
        #expect(process.terminationStatus == 0)
        return peak
    }

    @Test(
        "a file ten times as large takes a tenth more memory at most",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
    func memory() throws {
        let scratch = try Scratch()
        var bytes: [UInt8] = []
        for (number, month) in try Self.months.get().prefix(10).enumerated() {
            bytes += bytes.isEmpty ? month[...] : month[((month.firstIndex(of: 0x0A) ?? -1) + 1)...]
            if number == 0 { _ = try scratch.write("small.csv.gz", Data(Gzip.compress(bytes, level: 1))) }
        }
        _ = try scratch.write("large.csv.gz", Data(Gzip.compress(bytes, level: 1)))
        let peaks = try ["small", "large"].map { name in
            try Self.peak([
                "data", "import", "deribit-chains", "\(scratch.url.path)/\(name).csv.gz", "--to", name, "--datasets",
                "\(scratch.url.path)/data",
            ])
        }
        #expect(peaks[0] > 5000 && Double(peaks[1]) < 1.1 * Double(peaks[0]), "\(peaks) KiB")
    }

    @Test("bad rows are passed over and listed; inspect says what was left out, where a gap is, and draws it")
    func badRowsAndGaps() throws {
        let scratch = try Scratch()
        var lines = String(decoding: try Self.months.get()[0], as: UTF8.self).split(separator: "\n").map(String.init)
        // Two days are missing, and two rows are bad.
        lines.removeAll { $0.hasPrefix("20260110") || $0.hasPrefix("20260111") }
        lines[3] += ",7"
        lines[8] = lines[8].replacingOccurrences(of: "ETH-", with: "XYZ")
        let file = try scratch.write("month.csv", lines.joined(separator: "\n") + "\n")
        let into = ["--datasets", scratch.url.appendingPathComponent("data").path]
        let run = try Hedge(["data", "import", "deribit-chains", file, file, "--to", "venue"] + into)
        #expect(run.status == 0 && run.output.contains("month.csv, line 4") && run.output.contains("month.csv, line 9"), "\(run)")
        #expect(run.output.contains("Snapshots that were there already: 112"))
        let svg = scratch.url.appendingPathComponent("quality.svg").path
        let seen = try Hedge(["data", "inspect", "venue", "--svg", svg] + into)
        #expect(seen.status == 0 && seen.output.contains("1 gap of more than 9.0 h"), "\(seen)")
        #expect(seen.output.contains("53.6 h from 2026-01-09T18:39:03.182Z to 2026-01-12T00:12:39.753Z"), "\(seen.output)")
        #expect(seen.output.contains("bad rows: 2 instrument, 2 number of columns"), "\(seen.output)")
        #expect(seen.output.contains("fitted price inside bid and ask") && seen.output.contains("┤"))
        let drawn = try String(contentsOfFile: svg, encoding: .utf8)
        #expect(drawn.hasPrefix("<svg ") && !drawn.contains("nan"))
        let json = try Hedge(["data", "inspect", "venue", "--quick", "--json"] + into)
        let gaps = ((json.json?["coverage"] as? [String: Any])?["ETH"] as? [String: Any])?["gaps"] as? [[String: Any]]
        #expect(gaps?.count == 1 && (json.json?["import"] as? [String: Any])?["duplicates"] as? Int == 112)
    }

    @Test("coin-settled and dollar-settled options of one coin are two markets of a dataset; a command of one asks which")
    func twoMarkets() throws {
        let scratch = try Scratch()
        let inCoin = Array(try Self.base.get().prefix(4))
        let inDollars = inCoin.map { snapshot in
            var options = snapshot.options
            for i in options.indices {
                let (quote, forward) = (options[i].quote, options[i].forward)
                options[i].contract.settlement = .linear
                options[i].quote = Quote(
                    bid: quote.bid.map { $0 * forward }, ask: quote.ask.map { $0 * forward }, mark: quote.mark.map { $0 * forward })
            }
            return MarketSnapshot(time: snapshot.time, currency: snapshot.currency, index: snapshot.index, options: options)
        }
        for file in try DeribitChainWriter.files(inCoin + inDollars) { _ = try scratch.write("raw/\(file.path)", Data(file.bytes)) }
        let data = scratch.url.appendingPathComponent("data").path
        let made = try Hedge(["data", "import", "deribit-chains", scratch.url.path + "/raw", "--to", "both", "--datasets", data])
        #expect(made.status == 0 && made.output.contains("ETH-linear: 4 snapshots"), "\(made)")
        let build = ["features", "build", "--data", data + "/both", "--currency", "ETH", "--json"]
        let unclear = try Hedge(build)
        #expect(unclear.status == 2 && unclear.errors.contains("--settlement inverse"), "\(unclear)")
        for settlement in ["inverse", "linear"] {
            let built = try Hedge(build + ["--settlement", settlement])
            #expect(built.status == 0 && built.json?["snapshots"] as? Int == 4, "\(built)")
        }
        let seen = try Hedge(["data", "inspect", "both", "--quick", "--json", "--datasets", data])
        #expect(seen.json?["currencies"] as? [String] == ["ETH", "ETH-linear"], "\(seen)")
    }
}
