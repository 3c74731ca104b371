import Feeds
import Foundation
import Market
import Testing

@Suite("Tardis files")
struct TardisFeedTests {
    static let header = TardisOptionsChainFeed.columns.joined(separator: ",") + "\n"
    static let tickers = TardisDerivativeTickerFeed.columns.joined(separator: ",") + "\n"
    /// 2020-06-08T00:00:00Z.
    static let midnight: Int64 = 1_591_574_400_000_000

    /// A put of the shape of the vendor's published sample, arriving so many seconds after midnight.
    static func row(_ seconds: Double, bid: String = "0.0205", strike: Int = 9875, name: String = "SYN.BTC-9JUN20") -> String {
        let time = midnight + Int64(seconds * 1e6)
        return
            "deribit,BTC-9JUN20-\(strike)-P,"
            + "\(time - 783_008),\(time),put,\(strike),1591689600000000,0.1,0.0295,\(bid),15.0,55.91,0.0235,15.0,"
            + "68.94,0.02210436,62.89,\(name),9756.36,-0.61752,0.00103,2.24964,-53.05655,-0.22796\n"
    }

    static func ticker(_ seconds: Double, _ symbol: String, mark: String, index: String) -> String {
        let time = midnight + Int64(seconds * 1e6)
        return "deribit,\(symbol),\(time - 1000),\(time),,0.0001,,1000,9750.5,\(index),\(mark)\n"
    }

    static func snapshots(_ text: String, every seconds: Int = 60, _ prices: PerpetualPrices = .init()) throws -> [MarketSnapshot] {
        var selection = SnapshotSelection()
        selection.interval = seconds
        return try TardisOptionsChainFeed().snapshots(
            in: DataFile(path: "x.csv", bytes: Array(text.utf8)), selecting: selection, prices: prices)
    }

    @Test("a row's figures in house units")
    func units() throws {
        let snapshot = try #require(try Self.snapshots(Self.header + Self.row(0.2)).first)
        let option = try #require(snapshot.options.first)
        #expect(option.contract.kind == .put && option.contract.strike == 9875 && option.contract.settlement == .inverse)
        #expect(option.contract.expiry.iso8601 == "2020-06-09T08:00:00Z")
        #expect(option.quote == Quote(bid: 0.0205, ask: 0.0235, mark: 0.02210436))
        #expect(option.markVolatility == 62.89 / 100 && option.delta == -0.61752 && option.vega == 2.24964 * 100)
        #expect(option.openInterest == 0.1 && option.forward == 9756.36 && option.forwardName == "SYN.BTC-9JUN20")
        #expect(snapshot.time.iso8601 == "2020-06-08T00:00:00.200Z" && snapshot.currency == "BTC")
        // Nothing else is known of the spot.
        #expect(snapshot.index == 9756.36 && option.index == 9756.36 && snapshot.perpetual == nil)
    }

    @Test("a snapshot is the last word before the grid's next moment, stamped with its last change; an empty cell has none")
    func sampling() throws {
        let text =
            Self.header + Self.row(1) + Self.row(30, bid: "0.0210", strike: 9500) + Self.row(59.9, bid: "0.0215")
            + Self.row(200, bid: "0.022")
        let taken = try Self.snapshots(text)
        #expect(taken.map(\.time.iso8601) == ["2020-06-08T00:00:59.900Z", "2020-06-08T00:03:20Z"])
        #expect(taken[0].options.map(\.quote.bid) == [0.021, 0.0215] && taken[0].options.map(\.contract.strike) == [9500, 9875])
        #expect(taken[1].options.map(\.quote.bid) == [0.021, 0.022])
    }

    @Test("what comes later changes no snapshot before it")
    func pointInTime() throws {
        let rows = (0..<40).map { Self.row(Double($0) * 17, bid: "0.02\($0 % 10)5", strike: 9000 + 125 * ($0 % 7)) }
        let whole = try Self.snapshots(Self.header + rows.joined())
        for count in stride(from: 5, through: 40, by: 5) {
            let taken = try Self.snapshots(Self.header + rows.prefix(count).joined())
            // The last one's cell may still be filling.
            #expect(taken.dropLast() == whole.prefix(taken.count - 1), "\(count)")
        }
    }

    @Test("an option not heard of for an hour, and one that has expired, are left out; where none is left nothing tells the spot")
    func silence() throws {
        let text = Self.header + Self.row(0, strike: 9500) + Self.row(10) + Self.row(3605)
        #expect(try Self.snapshots(text).last?.options.map(\.contract.strike) == [9875])
        let late = Double(32 * 3600)
        #expect(try Self.snapshots(Self.header + Self.row(late - 30) + Self.row(late)).map(\.options.count) == [1])
    }

    @Test("index and perpetual come from the tickers of the same day beside it")
    func companions() throws {
        let folder = try Folder()
        let chain = try folder.write(
            "deribit_options_chain_2020-06-08_OPTIONS.csv.gz",
            Gzip.compress(Array((Self.header + Self.row(50) + Self.row(110) + Self.row(900)).utf8)))
        try folder.write(
            "deribit_derivative_ticker_2020-06-08_BTC-PERPETUAL.csv.gz",
            Gzip.compress(
                Array(
                    (Self.tickers + Self.ticker(40, "BTC-PERPETUAL", mark: "9751.5", index: "9750.25")
                        + Self.ticker(100, "BTC-PERPETUAL", mark: "9760", index: "9759")).utf8)))
        var selection = SnapshotSelection()
        selection.interval = 60
        let taken = try RecordedChains.snapshots(in: [chain], selecting: selection)
        #expect(taken.map(\.index) == [9750.25, 9759, 9756.36])
        #expect(taken.map { $0.perpetual?.mark } == [9751.5, 9760, nil] && taken.map(\.fundingRate) == [0.0001, 0.0001, nil])
    }

    @Test("tickers alone are snapshots without options")
    func tickersAlone() throws {
        let folder = try Folder()
        let path = try folder.write(
            "t.csv",
            Self.tickers + Self.ticker(1, "BTC-PERPETUAL", mark: "9751.5", index: "9750.25")
                + Self.ticker(2, "BTC-26JUN20", mark: "9800", index: "9750.5"))
        let snapshot = try #require(try RecordedChains.snapshots(at: path).first)
        #expect(snapshot.options.isEmpty && snapshot.index == 9750.5 && snapshot.perpetual == Quote(mark: 9751.5))
        #expect(snapshot.futures.map(\.quote.mark) == [9800] && snapshot.futures.first?.expiry.iso8601 == "2020-06-26T08:00:00Z")
    }

    @Test(
        "what the columns say against the symbol, another exchange and time going back are refused with line and column",
        arguments: [
            (",put,", ",call,", "type"), (",9875,1591", ",9876,1591", "strike_price"),
            (",1591689600000000,", ",1591689600000001,", "expiration"),
            ("deribit,", "okex-options,", "exchange"), ("-9JUN20-9875-P", "-9JUN20-9875-X", "symbol"),
            (",0.02210436,", ",-1,", "mark_price"),
        ])
    func refusals(good: String, bad: String, column: String) {
        #expect {
            try Self.snapshots(Self.header + Self.row(1).replacingOccurrences(of: good, with: bad))
        } throws: { "\($0)".contains("x.csv, line 2, column \(column)") }
        #expect(throws: FeedError.self) { try Self.snapshots(Self.header + Self.row(10) + Self.row(9)) }
    }
}
