import ArgumentParser
import Feeds
import Foundation
import Market
import Store

extension DataCommand {
    /// `hedge data import`: recorded files into a dataset, file by file, never a whole one in memory.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recorded files into a dataset.",
            discussion: """
                Bad rows are passed over, counted and listed by reason; a snapshot that is there already is counted and left out. Cut \
                short, the same command goes on after the last file that was kept.

                Formats:

                """ + formats.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

        /// Option chains as snapshots, and histories that go with them.
        static let formats =
            FeedCatalog.all.map { (name: $0.name, summary: $0.summary) }
            + [(name: PriceHistoryImport.format, summary: PriceHistoryImport.summary)]
        static let units = [
            "time": "nanoseconds since 1970, UTC", "expiry": "nanoseconds since 1970, UTC", "strike": "USD", "bid": "settlement currency",
            "ask": "settlement currency", "mark": "settlement currency", "mark volatility": "annual decimal",
            "delta": "Black delta to the forward", "vega": "USD per 1.00 of volatility", "open interest": "coin", "volume": "coin",
            "forward": "USD", "index": "USD",
        ]

        @Argument(help: "Format of the files.") var format: String
        @Argument(help: "Files, or folders of files.") var paths: [String]
        @OptionGroup var target: Target
        @Option(name: .long, help: "Licence of the data, an SPDX name; none forbids committing it.") var licence = "none"
        @Flag(name: .long, help: "Keep quotes that the filter would take out.") var unfiltered = false
        @Option(name: .long, help: "Whose history it is, which a price-history does not say: BTC.") var currency: String?
        @Option(name: .long, help: "Seconds between the snapshots that are taken of recorded changes.") var every = 3600
        @Option(name: .long, help: "Only contracts that pay in coin, inverse, or in dollars, linear. Default: both, as two markets.")
        var settlement: Settlement?
        @Flag(name: .long, help: "Begin anew instead of going on where an import was cut short.") var fresh = false
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if !(1...86_400).contains(every) { throw ValidationError("--every is \(every); expected 1 to 86400 seconds.") }
        }

        func run() async throws {
            if format == PriceHistoryImport.format { return try importHistory() }
            guard let feed = try? FeedCatalog.named(format) else {
                throw Failure.usage("\"\(format)\" is no format; expected \(Self.formats.map(\.name).joined(separator: ", ")).")
            }
            let name = try usage { try StoreName(target.to) }
            let store = DatasetStore(URL(fileURLWithPath: target.datasets, isDirectory: true))
            if !target.replace, try store.names().contains(name) { throw target.exists }
            let settings = selection
            let work = try reading(paths.joined(separator: ", ")) {
                let files = try paths.flatMap { try RecordedChains.files(at: $0, in: feed) }
                return try ChainImport(files, format: feed, selecting: settings, filter: unfiltered ? nil : QuoteFilter())
            }
            Interruption.listen()
            try save(try carryOut(work, name, store))
        }

        private var selection: SnapshotSelection {
            var selection = SnapshotSelection()
            selection.interval = every
            selection.settlement = settlement
            return selection
        }

        /// Reads what is left to read, keeping the state between files, and gives the dataset its name.
        private func carryOut(
            _ begun: ChainImport, _ name: StoreName, _ store: DatasetStore
        ) throws -> (manifest: DatasetManifest, report: ImportReport) {
            var work = begun
            let draft = try usage { try DatasetDraft<ChainImport.State>(name, in: store, fresh: fresh) }
            if let state = draft.progress {
                guard state.leads(to: work.state) else {
                    throw Failure.usage(
                        "an import of other files, or with other settings, was cut short in \(draft.folder.path); run that command "
                            + "again to finish it, or give --fresh to begin anew.")
                }
                try reading(draft.folder.path) { try work.resume(state, storedIn: draft.folder.path) }
                Terminal.say("Going on after \(state.filesDone) of \(work.total) files; --fresh begins anew.")
            }
            let writer = DraftWriter(draft)
            do {
                var line = ProgressLine("importing", unit: "files")
                defer { line.end() }
                while try work.readNext(append: writer.append, goesOn: { !Interruption.isRequested }) {
                    line.show(work.state.filesDone, of: work.total)
                    try writer.keepIfWorth(work.state)
                }
                let report = try work.finish(append: writer.append)
                guard let span = work.span else {
                    throw Failure.data("\(paths.joined(separator: ", ")): no snapshot; bad rows: \(report.badRows.summary).")
                }
                try draft.append(Array(try JSONRecord.text(report).utf8), to: "import.json")
                return (try draft.finish(manifest(name, span, report), rows: report.stored, replacing: target.replace), report)
            } catch {
                if draft.progress == nil { draft.discard() }
                throw writer.failure.map { Failure.work("\($0)") } ?? explained(error, kept: draft.progress)
            }
        }

        private func explained(_ error: any Error, kept: ChainImport.State?) -> any Error {
            let rest = kept.map { " What was read of the \($0.filesDone) files before is kept: the same command goes on from there." } ?? ""
            switch error {
            case FeedError.stopped: return Failure.interrupted
            case let error as FeedError: return Failure.data("\(error).\(rest)")
            default: return error
            }
        }

        private func manifest(_ name: StoreName, _ span: ClosedRange<Timestamp>, _ report: ImportReport) -> DatasetManifest {
            DatasetManifest(
                name: name.rawValue, about: "Recorded option chains, imported from \(format).", origin: .recorded,
                source: paths.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ", "), licence: licence,
                currency: report.coverage.keys.sorted().joined(separator: ","), layout: ChainFileFeed().name, units: Self.units,
                span: .init(from: span.lowerBound.description, to: span.upperBound.description), codeVersion: CodeVersion.current())
        }

        /// The manifest, and beside its members what was read and left out.
        private struct Answer: Encodable {
            var manifest: DatasetManifest
            var report: ImportReport

            enum CodingKeys: String, CodingKey { case report }

            func encode(to encoder: any Encoder) throws {
                try manifest.encode(to: encoder)
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(report, forKey: .report)
            }
        }

        private func save(_ done: (manifest: DatasetManifest, report: ImportReport)) throws {
            let report = done.report
            if output.json { return try Terminal.printJSON(Answer(manifest: done.manifest, report: report)) }
            print("Bad rows passed over: \(report.badRows.summary)")
            for reason in report.badRows.examples.keys.sorted() {
                for example in report.badRows.examples[reason] ?? [] { print("  \(example)") }
            }
            if report.duplicates > 0 { print("Snapshots that were there already: \(FigureText.grouped(report.duplicates))") }
            if !unfiltered { print("Quotes taken out: \(report.badQuotes.summary)") }
            for currency in report.coverage.keys.sorted() {
                if let coverage = report.coverage[currency] { print("\(currency): \(coverage.text)") }
            }
            try target.say(done.manifest, output)
        }

        private func importHistory() throws {
            guard let currency else { throw Failure.usage("\(format) does not say whose prices it holds; give --currency BTC.") }
            let name = try usage { try StoreName(target.to) }
            let history = try PriceHistoryImport(paths)
            let manifest = try history.manifest(named: name, currency: currency, licence: licence)
            try target.say(try target.save(manifest, fill: history.write), output)
        }
    }
}

/// The draft as the import writes to it: a file that cannot be written stops the reading, and is remembered as the reason.
private final class DraftWriter {
    /// Bytes after which what was appended is forced to the disk and kept.
    private static let worthKeeping = 1 << 20

    private(set) var failure: (any Error)?
    private let draft: DatasetDraft<ChainImport.State>
    private var appended = 0

    init(_ draft: DatasetDraft<ChainImport.State>) { self.draft = draft }

    func append(_ bytes: [UInt8], _ path: String) throws(FeedError) {
        do {
            try draft.append(bytes, to: path)
            appended += bytes.count
        } catch {
            failure = error
            throw .stopped
        }
    }

    func keepIfWorth(_ state: ChainImport.State) throws {
        guard appended >= Self.worthKeeping else { return }
        try draft.keep(state)
        appended = 0
    }
}

extension Settlement: ExpressibleByArgument {}

extension Coverage {
    /// One line: how much, how dense, what is missing.
    var text: String {
        let hours = { (value: Double) in value < 1 ? String(format: "%.1f min", value * 60) : String(format: "%.1f h", value) }
        let missing =
            gaps.isEmpty
            ? "no gap" : "\(gaps.count) gap\(gaps.count == 1 ? "" : "s") of more than \(hours(medianHours * Self.gapFactor))"
        return "\(FigureText.grouped(snapshots)) snapshots from \(from) to \(to), \(hours(medianHours)) apart in median, "
            + "\(hours(longestHours)) at most, \(missing)"
    }
}
