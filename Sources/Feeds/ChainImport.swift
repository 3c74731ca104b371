import Foundation
public import Market

/// Recorded files on their way into a dataset: read one after another, never a whole one in memory, screened, each snapshot once.
///
/// What is stored goes to a sink as pieces to append to files. Between files the import can be put down and taken up again from its
/// ``state``: the result is the same, to the last bit, as if nothing had happened.
public struct ChainImport: Sendable {
    /// Everything an import knows between two files.
    public struct State: Sendable, Equatable, Codable {
        /// How the files are read.
        let settings: String
        /// What is imported, and bytes of each.
        private(set) var files: [String]
        private(set) var sizes: [Int]
        /// Of the inputs, in order.
        public var filesDone = 0
        public var report = ImportReport()
        /// The last snapshot of each market as it was read, which tells stale marks of the next: its time, and its block in base64.
        var previous: [String: Previous] = [:]

        init(settings: String, files: [String]) throws(FeedError) {
            self.settings = settings
            self.files = files
            sizes = []
            for file in files { sizes.append(try RegularDescriptor(file).size) }
        }

        /// Whether an import that begins now would come here: the same files by the same settings, and those that are done as they were. A
        /// file that is not done may have been mended.
        public func leads(to beginning: State) -> Bool {
            settings == beginning.settings && files == beginning.files && sizes.prefix(filesDone) == beginning.sizes.prefix(filesDone)
        }

        /// Here, with the files as they are now.
        func with(inputsOf beginning: State) -> State {
            var state = self
            state.sizes = beginning.sizes
            return state
        }

        struct Previous: Sendable, Equatable, Codable {
            /// Nanoseconds since 1970; a number of JSON would not hold them.
            var time: String
            var block: String
        }
    }

    public private(set) var state: State
    private let files: [String]
    private let feed: any MarketFeed
    private let selection: SnapshotSelection
    private let filter: QuoteFilter?
    /// What the dataset holds, by market.
    private var stored: [MarketID: Set<Timestamp>] = [:]
    private var entries: [String: [ChainFile.Entry]] = [:]
    private var previous: [MarketID: MarketSnapshot] = [:]
    private var lengths: [String: Int] = [:]

    /// - Parameter filter: Takes out what cannot be a price; nil keeps everything.
    public init(_ files: [String], format: any MarketFeed, selecting selection: SnapshotSelection, filter: QuoteFilter?) throws(FeedError) {
        self.files = files
        feed = format
        self.selection = selection
        self.filter = filter
        let settings =
            "\(format.name), every \(selection.interval) s, \(selection.settlement?.rawValue ?? "all"), \(filter == nil ? "unfiltered" : "screened")"
        state = try State(settings: settings, files: files)
    }

    /// Number of files.
    public var total: Int { files.count }

    /// First and last moment stored so far.
    public var span: ClosedRange<Timestamp>? {
        let times = stored.values.joined()
        guard let first = times.min(), let last = times.max() else { return nil }
        return first...last
    }

    /// Goes on from where an import of the same files was put down.
    ///
    /// - Parameter folder: Where the files lie that it had stored.
    public mutating func resume(_ state: State, storedIn folder: String) throws(FeedError) {
        precondition(state.leads(to: self.state), "the state is of another import")
        self.state = state.with(inputsOf: self.state)
        for path in state.report.stored.keys.sorted() {
            let found = try ChainFile.walk(path: folder + "/" + path)
            entries[path] = found
            lengths[path] = (found.last.map { $0.offset + $0.length }) ?? ChainFile.head.count
            for entry in found { stored[entry.id, default: []].insert(entry.time) }
        }
        for (code, kept) in state.previous {
            let id = MarketID(code)
            guard let block = Data(base64Encoded: kept.block), let time = Int64(kept.time) else {
                throw .damaged(path: folder, reason: "the state of its import is none")
            }
            var result: Result<MarketSnapshot, FeedError>?
            block.withUnsafeBytes { bytes in
                result = Result { () throws(FeedError) in
                    try SnapshotBlock.snapshot(
                        bytes, time: Timestamp(nanoseconds: time), currency: id.currency, settlement: id.settlement, path: folder)
                }
            }
            previous[id] = try result?.get()
        }
    }

    /// Reads the next file; false where there is none left.
    ///
    /// - Parameters:
    ///   - append: Takes bytes for the end of a file of the dataset.
    ///   - goesOn: Asked between snapshots; where it says no, ``FeedError/stopped`` is thrown.
    public mutating func readNext(
        append: (_ bytes: [UInt8], _ path: String) throws(FeedError) -> Void, goesOn: () -> Bool = { true }
    ) throws(FeedError) -> Bool {
        guard state.filesDone < files.count else { return false }
        let path = files[state.filesDone]
        var report = state.report
        // Two closures count in it, one at a time.
        var bad = Tally()
        try feed.read(
            RecordedFile(path: path), selecting: selection, prices: PerpetualPrices(besideFileAt: path),
            rejecting: { (error) throws(FeedError) in bad.add(error.rowReason, example: error.description) },
            take: { (snapshot) throws(FeedError) in
                guard goesOn() else { throw .stopped }
                try store(snapshot, &report, append)
            })
        report.badRows.merge(bad)
        state.report = report
        state.filesDone += 1
        state.previous = previous.reduce(into: [:]) { kept, each in
            kept[each.key.description] = State.Previous(
                time: String(each.value.time.nanoseconds), block: Data(SnapshotBlock.bytes(each.value)).base64EncodedString())
        }
        return true
    }

    private mutating func store(
        _ snapshot: MarketSnapshot, _ report: inout ImportReport, _ append: ([UInt8], String) throws(FeedError) -> Void
    ) throws(FeedError) {
        report.snapshotsRead += 1
        guard stored[snapshot.id, default: []].insert(snapshot.time).inserted else {
            report.duplicates += 1
            return
        }
        var kept = snapshot
        if let filter {
            let (screened, screening) = filter.screen(snapshot, previous: previous[snapshot.id])
            kept = screened
            report.badQuotes.merge(screening)
            previous[snapshot.id] = snapshot
        }
        let date = snapshot.time.date
        let path = "chains/\(snapshot.id.description.lowercased())-\(date.year)-\(date.month < 10 ? "0" : "")\(date.month).chains"
        if lengths[path] == nil {
            try append(ChainFile.head, path)
            lengths[path] = ChainFile.head.count
        }
        let block = ChainFile.block(kept)
        try append(block, path)
        entries[path, default: []].append(
            ChainFile.Entry(
                time: kept.time, currency: kept.currency, settlement: kept.settlement, options: kept.options.count,
                length: block.count - ChainFile.entrySize,
                offset: lengths[path, default: 0] + ChainFile.entrySize, checksum: ChainFile.checksum(ofBlock: block)))
        lengths[path, default: 0] += block.count
        report.stored[path, default: 0] += kept.options.count
    }

    /// Ends every file with its index and counts what the dataset covers. Nothing may be read afterwards.
    public mutating func finish(append: (_ bytes: [UInt8], _ path: String) throws(FeedError) -> Void) throws(FeedError) -> ImportReport {
        for path in entries.keys.sorted() { try append(ChainFile.tail(entries[path] ?? []), path) }
        for market in stored.keys.sorted() {
            state.report.coverage[market.description] = Coverage(Array(stored[market] ?? []))
        }
        return state.report
    }
}

/// What an import read, kept and left out.
public struct ImportReport: Sendable, Equatable, Codable {
    /// Snapshots found in the files, those of before among them.
    public var snapshotsRead = 0
    /// Snapshots of a market and time that were there already; the first is kept.
    public var duplicates = 0
    /// Rows passed over, by what was wrong with them.
    public var badRows = Tally()
    /// Bids, asks and quotes that the filter took out.
    public var badQuotes = Tally()
    /// Options in each file of the dataset.
    public var stored: [String: Int] = [:]
    /// By market, `BTC` or `BTC-linear`, once the import is done.
    public var coverage: [String: Coverage] = [:]

    public init() {}
}

extension FeedError {
    /// What a bad row is counted under: the column, or the fault of the whole row.
    var rowReason: String {
        switch self {
        case .columnCount: "number of columns"
        case .field(_, _, let column, _, _): column.split(separator: ".").last.map(String.init) ?? column
        case .cutShort: "cut short"
        case .outOfOrder: "out of order"
        default: "other"
        }
    }
}

extension Tally {
    mutating func merge(_ other: Tally) {
        for reason in other.counts.keys.sorted() {
            add(reason, count: other.counts[reason] ?? 0, example: nil)
            for example in other.examples[reason] ?? [] { add(reason, count: 0, example: example) }
        }
    }

    mutating func merge(_ screening: FilterReport) {
        for (reason, count) in screening.counts { add(reason.rawValue, count: count, example: nil) }
        for example in screening.examples { add(example.reason.rawValue, count: 0, example: example.description) }
    }
}
