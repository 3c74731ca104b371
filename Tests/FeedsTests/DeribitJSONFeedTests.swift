import Feeds
import Foundation
import Market
import Testing

@Suite("Deribit's JSON")
struct DeribitJSONFeedTests {
    /// 2026-02-06T04:30:00Z.
    static let start: Int64 = 1_770_352_200_000

    static func summary(_ seconds: Int64, _ entries: String...) -> String {
        let time = (start + seconds * 1000) * 1000
        return
            #"{"jsonrpc":"2.0","id":1,"result":[\#(entries.joined(separator: ","))],"#
            + #""usIn":\#(time - 900),"usOut":\#(time),"usDiff":900,"testnet":false}"#
            + "\n"
    }

    static func option(_ name: String, bid: String = "0.0455", ask: String = "0.047") -> String {
        """
        {"instrument_name":"\(name)","underlying_index":"BTC-27MAR26","underlying_price":66250.4,"mark_price":0.0463,"mark_iv":61.2,\
        "bid_price":\(bid),"ask_price":\(ask),"mid_price":null,"last":null,"open_interest":812.4,"volume":3.5,"interest_rate":0.0,\
        "estimated_delivery_price":66010.2,"creation_timestamp":1770352200000,"base_currency":"BTC","quote_currency":"BTC"}
        """
    }

    static let perpetual =
        #"{"instrument_name":"BTC-PERPETUAL","mark_price":66020.5,"bid_price":66020,"ask_price":66020.5,"#
        + #""estimated_delivery_price":66010.2,"current_funding":0.00012,"funding_8h":0.0001}"#

    static func ticker(_ seconds: Int64, _ name: String) -> String {
        #"{"jsonrpc":"2.0","method":"subscription","params":{"channel":"ticker.\#(name).100ms","data":{"instrument_name":"\#(name)","#
            + #""timestamp":\#(start + seconds * 1000),"#
            + #""state":"open","underlying_index":"SYN.BTC-7FEB26","underlying_price":66100.0,"index_price":66010.9,"#
            + #""mark_price":0.0121,"mark_iv":88.5,"#
            + #""best_bid_price":0.0115,"best_bid_amount":3,"best_ask_price":0,"best_ask_amount":0,"open_interest":10,"#
            + #""greeks":{"delta":0.337,"gamma":0.00002,"vega":24.6,"theta":-77.8,"rho":35.1},"stats":{"volume":318.2}}}}"# + "\n"
    }

    static func snapshots(_ text: String, every seconds: Int = 300) throws -> [MarketSnapshot] {
        var selection = SnapshotSelection()
        selection.interval = seconds
        return try DeribitJSONFeed().snapshots(
            in: DataFile(path: "x.jsonl", bytes: Array(text.utf8)), selecting: selection, prices: .init())
    }

    @Test("a book summary is a chain known when it was answered")
    func bookSummary() throws {
        let taken = try Self.snapshots(
            Self.summary(1, Self.option("BTC-27MAR26-70000-C"), Self.option("BTC-27MAR26-70000-P", bid: "null", ask: "0"))
                + Self.summary(2, Self.perpetual))
        let snapshot = try #require(taken.first)
        #expect(taken.count == 1 && snapshot.time == Timestamp(milliseconds: Self.start + 2000))
        #expect(snapshot.index == 66010.2 && snapshot.perpetual == Quote(bid: 66020, ask: 66020.5, mark: 66020.5))
        #expect(snapshot.fundingRate == 0.00012)
        #expect(snapshot.options.count == 2 && snapshot.futures.map(\.quote.mark) == [66250.4])
        let call = try #require(snapshot.options.first { $0.contract.kind == .call })
        #expect(call.quote == Quote(bid: 0.0455, ask: 0.047, mark: 0.0463) && call.markVolatility == 61.2 / 100)
        #expect(call.openInterest == 812.4 && call.volume == 3.5 && call.delta == nil && call.vega == nil)
        let put = try #require(snapshot.options.first { $0.contract.kind == .put })
        #expect(put.quote == Quote(mark: 0.0463))
    }

    @Test("tickers of a subscription, in house units; zero is no quote")
    func subscription() throws {
        let snapshot = try #require(try Self.snapshots(Self.ticker(3, "BTC-7FEB26-66000-C")).first)
        let option = try #require(snapshot.options.first)
        #expect(option.quote == Quote(bid: 0.0115, mark: 0.0121) && option.vega == 24.6 * 100 && option.delta == 0.337)
        #expect(option.volume == 318.2 && option.index == 66010.9 && option.forwardName == "SYN.BTC-7FEB26")
        #expect(snapshot.futures.isEmpty)
    }

    @Test("a grid of five minutes: two polls in one cell are one snapshot, the next cell another")
    func grid() throws {
        let text = [1, 200, 301].map { Self.summary($0, Self.option("BTC-27MAR26-70000-C", bid: "0.0\($0 % 9 + 10)")) }.joined()
        let taken = try Self.snapshots(text)
        #expect(taken.map(\.time) == [200, 301].map { Timestamp(milliseconds: Self.start + $0 * 1000) })
    }

    @Test("listings must be what their names say; other messages are passed over; errors and nonsense are refused with their line")
    func refusals() throws {
        let listing =
            #"{"instrument_name":"BTC-27MAR26-70000-C","kind":"option","option_type":"call","strike":70000.0,"#
            + #""expiration_timestamp":1774598400000,"contract_size":1.0}"#
        #expect(try Self.snapshots(Self.summary(1, listing)).isEmpty)
        let others = #"{"jsonrpc":"2.0","id":2,"result":"ok"}"# + "\n"
        for (text, part) in [
            (Self.summary(1, listing.replacingOccurrences(of: "70000.0", with: "71000.0")), "result[0].strike"),
            (Self.summary(1, listing.replacingOccurrences(of: "1774598400000", with: "1774598400001")), "result[0].expiration_timestamp"),
            (Self.summary(1, listing.replacingOccurrences(of: "\"call\"", with: "\"put\"")), "result[0].option_type"),
            (Self.summary(1, Self.option("BTC-27MAR26-70000-Z")), "result[0].instrument_name"),
            (Self.summary(1, Self.option("BTC-27MAR26-70000-C", bid: "\"x\"")), "result[0].bid_price"),
            (#"{"jsonrpc":"2.0","id":7,"error":{"code":10028,"message":"too_many_requests"}}"# + "\n", "too_many_requests"),
            ("{\"jsonrpc\"\n", "JSON"), (others, "result"), (Self.summary(5, Self.perpetual) + Self.summary(4, Self.perpetual), "line 2"),
        ] {
            #expect { try Self.snapshots(text) } throws: { "\($0)".contains("x.jsonl, line") && "\($0)".contains(part) }
        }
        let passed =
            #"{"jsonrpc":"2.0","method":"subscription","params":{"channel":"deribit_price_index.btc_usd","data":{"price":1}}}"# + "\n"
            + Self.summary(1, #"{"instrument_name":"BTC-CS-27MAR26-70000_75000","mark_price":0.01}"#)
        #expect(try Self.snapshots(passed).isEmpty)
    }

    @Test("a line longer than a reader's piece is read whole")
    func longLine() throws {
        let entries = (0..<1500).map { Self.option("BTC-27MAR26-\(50000 + 100 * $0)-C") }
        let time = (Self.start + 1000) * 1000
        let text = #"{"jsonrpc":"2.0","id":1,"result":[\#(entries.joined(separator: ","))],"usOut":\#(time)}"# + "\n"
        #expect(text.utf8.count > 2 << 18)
        #expect(try Self.snapshots(text).first?.options.count == 1500)
    }
}
