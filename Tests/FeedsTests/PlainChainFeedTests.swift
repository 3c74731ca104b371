import Feeds
import Foundation
import Market
import Testing

@Suite("Plain tables")
struct PlainChainFeedTests {
    static func snapshots(_ text: String) throws -> [MarketSnapshot] {
        try PlainChainFeed().snapshots(in: DataFile(path: "x.csv", bytes: Array(text.utf8)), selecting: .init(), prices: .init())
    }

    static let short = "time,underlying,expiry,kind,strike,bid,ask,forward\n"

    @Test("the columns that must be there make a coin-settled chain")
    func required() throws {
        let rows =
            Self.short + "2026-01-15T21:00:00Z,BTC,2026-03-27T08:00:00Z,call,95000,0.077,0.078,96307.16\n"
            + "2026-01-15T21:00:00Z,BTC,2026-01-30T08:00:00Z,put,90000,0,0.012,95600\n"
        let snapshot = try #require(try Self.snapshots(rows).first)
        #expect(snapshot.options.count == 2 && snapshot.index == 95600 && snapshot.futures.isEmpty)
        #expect(snapshot.options[0].contract.settlement == .inverse && snapshot.options[0].openInterest == 1)
        #expect(snapshot.options[1].quote == Quote(ask: 0.012) && snapshot.options[1].markVolatility == nil)
    }

    @Test("all columns in another order, linear options of an equity index")
    func everything() throws {
        let rows =
            "index,forward_name,volume,open_interest,vega,delta,mark_volatility,mark,settlement,forward,ask,bid,strike,kind,expiry,"
            + "underlying,time\n"
            + "6900.5,INDEX,12,340,950.5,0.52,0.145,101.5,linear,6931.2,102,101,6925,call,2026-02-20T21:00:00Z,SPX,2026-01-15T20:45:00Z\n"
        let snapshot = try #require(try Self.snapshots(rows).first)
        let option = try #require(snapshot.options.first)
        #expect(snapshot.currency == "SPX" && snapshot.index == 6900.5)
        #expect(option.contract.settlement == .linear && option.quote == Quote(bid: 101, ask: 102, mark: 101.5))
        #expect(option.markVolatility == 0.145 && option.delta == 0.52 && option.vega == 950.5 && option.forwardName == "INDEX")
        #expect(option.openInterest == 340 && option.volume == 12 && option.index == 6900.5)
    }

    @Test("two moments are two snapshots, two underlyings of one moment too")
    func grouping() throws {
        let row = "T,BTC,2026-03-27T08:00:00Z,call,95000,0.077,0.078,96307.16\n"
        let text =
            Self.short + row.replacingOccurrences(of: "T,BTC", with: "2026-01-15T21:00:00Z,BTC")
            + row.replacingOccurrences(of: "T,BTC", with: "2026-01-15T21:00:00Z,ETH")
            + row.replacingOccurrences(of: "T,BTC", with: "2026-01-15T22:00:00Z,BTC")
        #expect(try Self.snapshots(text).map(\.currency) == ["BTC", "ETH", "BTC"])
    }

    @Test(
        "an unknown or doubled column and a value of another kind are refused",
        arguments: [
            ("forward\n", "forward,colour\n", "colour"), ("forward\n", "forward,bid\n", "expected"), (",bid", ",bit", "bit"),
            (",call,", ",Call,", "column kind: found 'Call', expected call or put"), (",95000,", ",-1,", "column strike"),
            ("T08:00:00Z", " 08:00", "column expiry"), ("BTC", "btc", "column underlying"), ("0.078", "1e999", "column ask"),
        ])
    func refusals(good: String, bad: String, part: String) {
        let text = Self.short + "2026-01-15T21:00:00Z,BTC,2026-03-27T08:00:00Z,call,95000,0.077,0.078,96307.16\n"
        #expect { try Self.snapshots(text.replacingOccurrences(of: good, with: bad)) } throws: { "\($0)".contains(part) }
    }
}
