import Market

/// What Tardis' files of changes share: rows in order of arrival, each of one symbol of Deribit, told to a board from which snapshots are
/// taken.
///
/// The first columns are `exchange,symbol,timestamp,local_timestamp`, times in microseconds since 1970. A snapshot goes by the time of
/// arrival, on the grid of ``SnapshotSelection/interval``.
///
/// Reference: docs.tardis.dev, "CSV data types".
enum TardisChanges {
    /// - Parameters:
    ///   - symbol: What a symbol stands for, asked when it first comes.
    ///   - change: What a row says; nil where it says nothing that is wanted.
    ///   - tell: Tells it to the board.
    static func read<Symbol, Change>(
        _ file: RecordedFile, columns: [String], selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void,
        symbol: (CSVRow) throws(FeedError) -> Symbol, change: (CSVRow, Symbol) throws(FeedError) -> Change?,
        tell: (Change, Timestamp, inout MarketBoard) -> Void
    ) throws(FeedError) {
        var board = MarketBoard(every: selection.interval, prices: prices)
        var symbols = ByteTable<Symbol>()
        var clock = ArrivalClock()
        try CSVRows(file, header: columns).forEach(rejecting: rejecting) { row throws(FeedError) in
            let time = try clock.time(row, 3)
            let known = try symbols.value(row.cell(1)) { _ throws(FeedError) in
                guard row.text(0) == "deribit" else { throw row.error(0, expected: "deribit") }
                return try symbol(row)
            }
            guard let change = try change(row, known) else { return }
            for snapshot in board.advance(to: time) where selection.contains(snapshot.time) { try take(snapshot) }
            tell(change, time, &board)
        }
        for snapshot in board.finish() where selection.contains(snapshot.time) { try take(snapshot) }
    }
}

/// Times of arrival, microseconds since 1970, which only go forward.
private struct ArrivalClock {
    private var last = Timestamp(nanoseconds: 0)

    mutating func time(_ row: CSVRow, _ column: Int) throws(FeedError) -> Timestamp {
        let microseconds = try row.integer(column)
        guard microseconds > 0, microseconds < Int64.max / 1000 else { throw row.error(column, expected: "microseconds since 1970") }
        let time = Timestamp(nanoseconds: microseconds * 1000)
        guard time >= last else { throw .outOfOrder(path: row.path, line: row.line, found: time.iso8601, after: last.iso8601) }
        last = time
        return time
    }
}
