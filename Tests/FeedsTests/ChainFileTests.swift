import Feeds
import Foundation
import Hedging
import Market
import Testing

@Suite("Stored chains")
struct ChainFileTests {
    static let snapshots: [MarketSnapshot] = {
        var chain = SimulatedChain()
        chain.days = 5
        chain.seed = 3
        return chain.snapshots().snapshots
    }()

    /// Writes a file of the snapshots, its blocks in the order given.
    static func write(_ snapshots: [MarketSnapshot], into folder: Folder) throws -> String {
        var bytes = ChainFile.head
        for snapshot in snapshots { bytes += ChainFile.block(snapshot) }
        let path = try folder.write("x.chains", bytes)
        return try folder.write("x.chains", bytes + ChainFile.tail(try ChainFile.walk(path: path)))
    }

    static func option(_ value: Double, _ none: Double?) -> OptionQuote {
        OptionQuote(
            contract: .init(
                underlying: "BTC", kind: .put, strike: 100_000, expiry: Timestamp(milliseconds: 1_770_000_000_000), settlement: .linear),
            quote: Quote(bid: none, ask: value, mark: value), markVolatility: value, delta: -value, vega: value * 100, openInterest: value,
            volume: 0, forward: value, forwardName: "SYN.BTC-5JAN26", index: value)
    }

    @Test("what was stored is read back equal, whatever the order of the blocks")
    func roundTrip() throws {
        let folder = try Folder()
        let path = try Self.write(Self.snapshots.reversed(), into: folder)
        #expect(try RecordedChains.snapshots(at: path) == Self.snapshots)
        #expect(try ChainFile(path: path).entries.map(\.options) == Self.snapshots.map(\.options.count))
    }

    @Test(
        "every number is kept to the last bit",
        arguments: [
            0, -0.0, 0.1 + 0.2, 0.40659999999999996, 6.21839 * 100, 1e300, 5e-324, 95420.42428571428, 21.47483648, 1e-9, 123456789.123, 2e9,
            Double(Int32.max), -12.5, 0.0005,
        ])
    func numbers(value: Double) throws {
        let folder = try Folder()
        // Alone, among equals, beside small numbers, and beside nothing.
        for columns in [[value], [value, value], [value, 1, -7], [value, 0.25, 1000, 3e5]] {
            let snapshot = MarketSnapshot(
                time: Timestamp(nanoseconds: 1_769_921_642_172_000_001), currency: "BTC", index: value,
                options: columns.map { Self.option($0, $0 == value ? nil : $0) },
                futures: [FutureQuote(expiry: Timestamp(nanoseconds: 5), quote: Quote(mark: value))], perpetual: Quote(bid: value))
            let read = try #require(try RecordedChains.snapshots(at: try Self.write([snapshot], into: folder)).first)
            #expect(read == snapshot)
            for (a, b) in zip(read.options, snapshot.options) {
                #expect(a.quote.ask?.bitPattern == b.quote.ask?.bitPattern && a.vega?.bitPattern == b.vega?.bitPattern)
                #expect(a.openInterest.bitPattern == b.openInterest.bitPattern && a.delta?.bitPattern == b.delta?.bitPattern)
            }
        }
    }

    @Test("a snapshot without options, futures or perpetual is one")
    func empty() throws {
        let folder = try Folder()
        let snapshot = MarketSnapshot(time: Timestamp(nanoseconds: 7), currency: "ETH", index: 3000, options: [])
        #expect(try RecordedChains.snapshots(at: try Self.write([snapshot], into: folder)) == [snapshot])
    }

    @Test("a range of time reads its blocks alone: damage elsewhere does not matter, damage inside is found")
    func range() throws {
        let folder = try Folder()
        let path = try Self.write(Self.snapshots, into: folder)
        let entries = try ChainFile(path: path).entries
        var bytes = try folder.bytes("x.chains")
        for entry in entries where entry.time != entries[7].time { bytes[entry.offset + entry.length / 2] ^= 0x10 }
        try folder.write("x.chains", bytes)
        let selection = SnapshotSelection(from: entries[7].time, to: entries[8].time)
        #expect(try RecordedChains.snapshots(at: path, selecting: selection) == [Self.snapshots[7]])
        #expect(throws: FeedError.damaged(path: path, reason: "the checksum of the snapshot of \(entries[8].time) is wrong")) {
            try RecordedChains.snapshots(at: path, selecting: .init(from: entries[8].time))
        }
        #expect(try RecordedChains.snapshots(at: path, selecting: .init(currency: "BTC")).isEmpty)
    }

    @Test("the latest snapshot up to a moment, of stored chains without reading another, of other files the same")
    func latest() throws {
        let (folder, plain) = (try Folder(), try Folder())
        let path = try Self.write(Self.snapshots, into: folder)
        let entries = try ChainFile(path: path).entries
        var bytes = try folder.bytes("x.chains")
        for entry in entries where entry.time != entries[7].time { bytes[entry.offset + entry.length / 2] ^= 0x10 }
        try folder.write("x.chains", bytes)
        for file in try DeribitChainWriter.files(Self.snapshots) { try plain.write(file.path, file.bytes) }
        let between = Timestamp(nanoseconds: entries[8].time.nanoseconds - 1)
        for moment in [entries[7].time, between] {
            #expect(try RecordedChains.latest(at: folder.path, upTo: moment) == [Self.snapshots[7]])
            #expect(try RecordedChains.latest(at: plain.path, upTo: moment) == [Self.snapshots[7]])
        }
        #expect(try RecordedChains.latest(at: plain.path).last == Self.snapshots.last)
        #expect(try RecordedChains.latest(at: folder.path, upTo: Timestamp(nanoseconds: entries[0].time.nanoseconds - 1)).isEmpty)
        #expect(try RecordedChains.latest(at: folder.path, currency: "BTC", upTo: between).isEmpty)
    }

    @Test("a file cut short, one with a changed index and one of another kind are refused")
    func damage() throws {
        let folder = try Folder()
        let path = try Self.write(Self.snapshots, into: folder)
        let whole = try folder.bytes("x.chains")
        func refusal(_ bytes: [UInt8]) throws -> String {
            try folder.write("x.chains", bytes)
            do {
                _ = try ChainFile(path: path)
                return ""
            } catch let error as FeedError { return error.description }
        }
        #expect(try refusal(Array(whole.dropLast(1))).contains("cut short"))
        #expect(try refusal(Array(whole.prefix(30))).contains("cut short"))
        var changed = whole
        changed[whole.count - 40] ^= 1
        #expect(try refusal(changed).contains("checksum of its index"))
        #expect(try refusal(Array("hedge option chains 2\n".utf8) + whole.dropFirst(22)).contains("hedge option chains 1"))
        for length in stride(from: 0, to: whole.count, by: 1009) { #expect(try !refusal(Array(whole.prefix(length))).isEmpty) }
    }

    @Test("random bytes in a block whose checksum is right are damage, never a crash")
    func noise() throws {
        let folder = try Folder()
        let snapshot = Self.snapshots[0]
        var seed: UInt64 = 11
        let block = SnapshotBlock.bytes(snapshot)
        for _ in 0..<300 {
            var bytes = block
            for _ in 0..<6 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(seed >> 33) % (seed & 1 == 0 ? bytes.count : 400)] = UInt8(truncatingIfNeeded: seed >> 20)
            }
            bytes.withUnsafeBytes { bytes in
                _ = try? SnapshotBlock.snapshot(bytes, time: snapshot.time, currency: snapshot.currency, path: folder.path)
            }
        }
    }
}

@Suite("Stored chains of the recording", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
struct StoredRecordingTests {
    @Test("a month of both currencies, imported as it is, is the recording to the last bit; the whole is covered with its longest gap")
    func sameBits() throws {
        let folder = try Folder()
        let files = ["btc-2026-02", "eth-2026-02"].map { RealChains.chains + "/chains/\($0).csv.gz" }
        var work = try ChainImport(files, format: DeribitChainFeed(), selecting: .init(), filter: nil)
        func append(_ bytes: [UInt8], _ path: String) throws(FeedError) {
            do { try folder.append(bytes, path) } catch { throw .stopped }
        }
        while try work.readNext(append: append) {}
        let report = try work.finish(append: append)
        let direct = try RecordedChains.snapshots(in: files)
        #expect(try RecordedChains.snapshots(at: folder.path) == direct)
        #expect(report.badRows.total == 0 && report.duplicates == 0 && report.snapshotsRead == direct.count)
        let coverage = try #require(report.coverage["BTC"])
        #expect(coverage.snapshots == direct.count / 2 && (coverage.longestHours - 12.738).magnitude < 0.001)
        #expect(coverage.gaps.contains { $0.from == "2026-02-02T15:45:14.750Z" && $0.to == "2026-02-03T04:29:35.033Z" })
    }
}
