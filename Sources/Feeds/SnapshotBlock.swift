public import Market

/// A snapshot as bytes, column by column, and back, equal to the last bit.
///
///     f64 index   3 x f64 perpetual's bid, ask, mark (NaN is none)   u8 whether there is a perpetual
///     u16 futures: i64 expiry, 3 x f64          u16 expiries: i64         u16 names of forwards: u8 length, text
///     u32 options, then their columns: u16 expiry, u16 name, u8 kind (1 put, 2 linear),
///     strike, bid, ask, mark, mark volatility, delta, vega, open interest, volume, forward, index, each a ``NumberColumn``
///     f64 funding rate of the perpetual, where there is one: a block without it ends with its columns
///
/// Units are the house's. Options must be on the snapshot's currency.
public enum SnapshotBlock {
    public static func bytes(_ snapshot: MarketSnapshot) -> [UInt8] {
        var bytes: [UInt8] = []
        let options = snapshot.options
        precondition(options.allSatisfy { $0.contract.underlying == snapshot.currency }, "options on another currency than the snapshot's")
        bytes.reserveCapacity(512 + options.count * 64)
        bytes.append(bits: snapshot.index.bitPattern)
        append(snapshot.perpetual ?? Quote(), to: &bytes)
        bytes.append(snapshot.perpetual == nil ? 0 : 1)
        bytes.append(bits: UInt16(snapshot.futures.count))
        for future in snapshot.futures {
            bytes.append(bits: future.expiry.nanoseconds)
            append(future.quote, to: &bytes)
        }
        let expiries = Table(options.lazy.map(\.contract.expiry))
        bytes.append(bits: UInt16(expiries.values.count))
        for expiry in expiries.values { bytes.append(bits: expiry.nanoseconds) }
        let names = Table(options.lazy.map(\.forwardName))
        bytes.append(bits: UInt16(names.values.count))
        for name in names.values { bytes.append(short: name) }
        bytes.append(bits: UInt32(options.count))
        for index in expiries.indices { bytes.append(bits: index) }
        for index in names.indices { bytes.append(bits: index) }
        for option in options { bytes.append((option.contract.kind == .put ? 1 : 0) | (option.contract.settlement == .linear ? 2 : 0)) }
        NumberColumn.append(options.map(\.contract.strike), to: &bytes)
        NumberColumn.append(options.map { $0.quote.bid ?? .nan }, to: &bytes)
        NumberColumn.append(options.map { $0.quote.ask ?? .nan }, to: &bytes)
        NumberColumn.append(options.map { $0.quote.mark ?? .nan }, to: &bytes)
        NumberColumn.append(options.map { $0.markVolatility ?? .nan }, to: &bytes)
        NumberColumn.append(options.map { $0.delta ?? .nan }, to: &bytes)
        NumberColumn.append(options.map { $0.vega ?? .nan }, scale: 100, to: &bytes)
        NumberColumn.append(options.map(\.openInterest), to: &bytes)
        NumberColumn.append(options.map(\.volume), to: &bytes)
        NumberColumn.append(options.map(\.forward), to: &bytes)
        NumberColumn.append(options.map(\.index), to: &bytes)
        if let rate = snapshot.fundingRate { bytes.append(bits: rate.bitPattern) }
        return bytes
    }

    /// - Parameters:
    ///   - settlement: nil where the options alone say it.
    ///   - path: For messages.
    public static func snapshot(
        _ bytes: UnsafeRawBufferPointer, time: Timestamp, currency: Currency, settlement: Settlement? = nil, path: String
    ) throws(FeedError) -> MarketSnapshot {
        var cursor = ByteCursor(path: path, bytes: bytes)
        let index = try cursor.double()
        let perpetual = try quote(&cursor)
        let hasPerpetual = try cursor.number(UInt8.self) == 1
        var futures: [FutureQuote] = []
        for _ in 0..<(try cursor.number(UInt16.self)) {
            let expiry = Timestamp(nanoseconds: try cursor.number(Int64.self))
            futures.append(FutureQuote(expiry: expiry, quote: try quote(&cursor)))
        }
        let expiries = try cursor.values(Int64.self, Int(try cursor.number(UInt16.self))) { Timestamp(nanoseconds: $0) }
        var names: [String] = []
        for _ in 0..<(try cursor.number(UInt16.self)) { names.append(try cursor.text()) }
        let count = Int(try cursor.number(UInt32.self))
        let expiry = try cursor.values(UInt16.self, count) { Int($0) }
        let name = try cursor.values(UInt16.self, count) { Int($0) }
        let kinds = try cursor.values(UInt8.self, count) { $0 }
        guard expiry.allSatisfy({ $0 < expiries.count }), name.allSatisfy({ $0 < names.count }) else {
            throw cursor.damaged("an expiry or name that is not in its table")
        }
        var columns: [[Double]] = []
        for _ in 0..<11 { columns.append(try NumberColumn.read(count, from: &cursor)) }
        let fundingRate = cursor.position < bytes.count ? try cursor.double() : nil
        let options = [OptionQuote](unsafeUninitializedCapacity: count) { buffer, filled in
            for i in 0..<count {
                let contract = OptionContract(
                    underlying: currency, kind: kinds[i] & 1 == 1 ? .put : .call, strike: columns[0][i], expiry: expiries[expiry[i]],
                    settlement: kinds[i] & 2 == 2 ? .linear : .inverse)
                (buffer.baseAddress! + i).initialize(
                    to: OptionQuote(
                        contract: contract,
                        quote: Quote(bid: present(columns[1][i]), ask: present(columns[2][i]), mark: present(columns[3][i])),
                        markVolatility: present(columns[4][i]), delta: present(columns[5][i]), vega: present(columns[6][i]),
                        openInterest: columns[7][i], volume: columns[8][i], forward: columns[9][i], forwardName: names[name[i]],
                        index: columns[10][i]))
            }
            filled = count
        }
        return MarketSnapshot(
            time: time, currency: currency, settlement: settlement, index: index, options: options, futures: futures,
            perpetual: hasPerpetual ? perpetual : nil,
            fundingRate: fundingRate)
    }

    private static func append(_ quote: Quote, to bytes: inout [UInt8]) {
        for side in [quote.bid, quote.ask, quote.mark] { bytes.append(bits: (side ?? .nan).bitPattern) }
    }

    private static func quote(_ cursor: inout ByteCursor) throws(FeedError) -> Quote {
        Quote(bid: present(try cursor.double()), ask: present(try cursor.double()), mark: present(try cursor.double()))
    }

    @inline(__always)
    private static func present(_ value: Double) -> Double? { value.isNaN ? nil : value }

    /// Different values in order of appearance, and which of them each element is.
    private struct Table<Value: Hashable> {
        var values: [Value] = []
        var indices: [UInt16] = []

        init(_ elements: some Sequence<Value>) {
            var places: [Value: UInt16] = [:]
            for element in elements {
                if let place = places[element] {
                    indices.append(place)
                } else {
                    let place = UInt16(values.count)
                    places[element] = place
                    values.append(element)
                    indices.append(place)
                }
            }
        }
    }
}
