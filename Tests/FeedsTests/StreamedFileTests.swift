import Feeds
import Foundation
import Market
import Testing

@Suite("Files read as a stream")
struct StreamedFileTests {
    static let header = BadFileTests.header

    static func rows(_ count: Int) -> String {
        (0..<count).map { number in
            BadFileTests.row.replacingOccurrences(of: "20260203T042935Z,1770092975033", with: "\(stamp(number).0),\(stamp(number).1)")
                + "\n"
        }.joined()
    }

    /// A snapshot every minute.
    static func stamp(_ number: Int) -> (String, Int64) {
        let time = Timestamp(milliseconds: 1_770_092_975_033 + Int64(number) * 60_000)
        return (time.compact, time.nanoseconds / 1_000_000)
    }

    static func count(_ bytes: [UInt8]) throws -> Int {
        let folder = try Folder()
        return try RecordedChains.snapshots(at: try folder.write("x.csv.gz", bytes)).count
    }

    @Test("plain, compressed, in several streams and with bytes between reads, the rows are the same")
    func sameRows() throws {
        let folder = try Folder()
        let text = Self.header + "\n" + Self.rows(6000)
        let plain = try RecordedChains.snapshots(at: try folder.write("a.csv", text))
        #expect(plain.count == 6000 && text.utf8.count > 3 << 18)
        #expect(try RecordedChains.snapshots(at: try folder.write("b.csv.gz", Gzip.compress(Array(text.utf8)))) == plain)
        let half = text.utf8.count / 2
        let streams = Gzip.compress(Array(text.utf8.prefix(half))) + Gzip.compress(Array(text.utf8.dropFirst(half)))
        #expect(try RecordedChains.snapshots(at: try folder.write("c.csv.gz", streams)) == plain)
        let memory = try DeribitChainFeed().snapshots(in: DataFile(path: "d", bytes: Array(text.utf8)), selecting: .init(), prices: .init())
        #expect(memory == plain)
    }

    @Test("gzip that ends early, has a changed byte or bytes after its end is refused at any length")
    func damagedGzip() throws {
        let good = Gzip.compress(Array((Self.header + "\n" + Self.rows(200)).utf8))
        #expect(try Self.count(good) == 200)
        for length in [3, 9, 20, good.count / 2, good.count - 8, good.count - 1] {
            #expect(throws: FeedError.self, "\(length)") { try Self.count(Array(good.prefix(length))) }
        }
        #expect(throws: FeedError.self) { try Self.count(good + [0, 1]) }
        var changed = good
        changed[good.count - 6] ^= 1
        #expect(throws: FeedError.self) { try Self.count(changed) }
        changed = good
        changed[good.count / 2] ^= 0x55
        #expect(throws: FeedError.self) { try Self.count(changed) }
    }
}
