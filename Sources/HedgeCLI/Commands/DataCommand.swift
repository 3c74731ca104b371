import ArgumentParser
import Feeds
import Foundation
import Hedging
import LinearAlgebra
import Market
import Store
import StrictJSON

/// `hedge data`: recorded or simulated data into `datasets/NAME`, what lies there, and one moment of it.
struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Datasets: recorded or simulated, with a manifest.",
        subcommands: [Import.self, Simulate.self, Inspect.self, Snapshot.self])

    struct Target: ParsableArguments {
        @Option(name: .long, help: "Name of the dataset.") var to: String
        @Option(name: .long, help: "Folder of the datasets.") var datasets = "datasets"
        @Flag(name: .long, help: "Replace a dataset of that name.") var replace = false

        /// Writes the snapshots whole or not at all.
        func save(
            _ snapshots: [MarketSnapshot], origin: DatasetManifest.Origin, about: String, source: String, licence: String,
            generator: JSONValue = .null
        ) throws -> DatasetManifest {
            guard let first = snapshots.first, let last = snapshots.last else { throw Failure.data("no snapshot to save.") }
            let name = try usage { try StoreName(to) }
            let files = try DeribitChainWriter.files(snapshots)
            let currencies = Set(snapshots.map(\.currency)).sorted().map(\.rawValue).joined(separator: ",")
            let manifest = DatasetManifest(
                name: name.rawValue, about: about, origin: origin, source: source, licence: licence, currency: currencies,
                layout: DeribitChainFeed().name,
                units: [
                    "bid": "coin", "ask": "coin", "mark": "coin", "mark_iv": "annual decimal", "delta": "Black delta to the forward",
                    "vega": "USD per volatility point", "underlying": "USD", "index": "USD", "t_ms": "milliseconds since 1970, UTC",
                ],
                span: .init(from: first.time.description, to: last.time.description), generator: generator,
                codeVersion: CodeVersion.current())
            return try save(manifest) { folder in
                for file in files {
                    let target = folder.appendingPathComponent(file.path)
                    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(file.bytes).write(to: target)
                }
                return Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.path.hasPrefix("chains/") ? 0 : snapshots.count) })
                    .merging(Self.rows(snapshots)) { $1 }
            }
        }

        func save(_ manifest: DatasetManifest, fill: (URL) throws -> [String: Int]) throws -> DatasetManifest {
            do {
                return try DatasetStore(URL(fileURLWithPath: datasets, isDirectory: true)).save(manifest, replacing: replace, fill: fill)
            } catch FileError.alreadyExists {
                throw Failure.usage("\(datasets)/\(to) exists; choose another name, or give --replace.")
            }
        }

        /// Option rows of each chain file.
        private static func rows(_ snapshots: [MarketSnapshot]) -> [String: Int] {
            var rows: [String: Int] = [:]
            for snapshot in snapshots {
                let date = snapshot.time.date
                let month = "\(date.year)-\(date.month < 10 ? "0" : "")\(date.month)"
                rows["chains/\(snapshot.currency.rawValue.lowercased())-\(month).csv.gz", default: 0] += snapshot.options.count
            }
            return rows
        }

        func say(_ saved: DatasetManifest, _ output: OutputOptions) throws {
            if output.json { return try Terminal.printJSON(saved) }
            print(
                "Saved \(datasets)/\(saved.name): \(saved.rows) rows in \(saved.files.count) files, \(saved.span.from) to \(saved.span.to)."
            )
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recorded files into a dataset.",
            discussion: "Formats:\n" + formats.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

        /// Option chains as snapshots, and histories that go with them.
        static let formats =
            FeedCatalog.all.map { (name: $0.name, summary: $0.summary) }
            + [(name: PriceHistoryImport.format, summary: PriceHistoryImport.summary)]

        @Argument(help: "Format of the files.") var format: String
        @Argument(help: "Files, or folders of files.") var paths: [String]
        @OptionGroup var target: Target
        @Option(name: .long, help: "Licence of the data, an SPDX name; none forbids committing it.") var licence = "none"
        @Flag(name: .long, help: "Keep quotes that the filter would take out.") var unfiltered = false
        @Option(name: .long, help: "Whose history it is, which a price-history does not say: BTC.") var currency: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        func run() async throws {
            if format == PriceHistoryImport.format { return try importHistory() }
            guard FeedCatalog.all.contains(where: { $0.name == format }) else {
                throw Failure.usage("\"\(format)\" is no format; expected \(Self.formats.map(\.name).joined(separator: ", ")).")
            }
            let read = try reading(paths.joined(separator: ", ")) {
                let files = try paths.flatMap { try RecordedChains.files(at: $0) }
                return try RecordedChains.snapshots(in: files, format: format, workers: compute.workers)
            }
            let (snapshots, report) = QuoteFilter().screen(read)
            let saved = try target.save(
                unfiltered ? read : snapshots, origin: .recorded, about: "Recorded option chains, imported from \(format).",
                source: paths.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ", "), licence: licence)
            if !output.json, !unfiltered { print("Taken out: \(report.summary)") }
            try target.say(saved, output)
        }

        private func importHistory() throws {
            guard let currency else { throw Failure.usage("\(format) does not say whose prices it holds; give --currency BTC.") }
            let name = try usage { try StoreName(target.to) }
            let history = try PriceHistoryImport(paths)
            let manifest = try history.manifest(named: name, currency: currency, licence: licence)
            try target.say(try target.save(manifest, fill: history.write), output)
        }
    }

    struct Simulate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "An invented option venue, recorded: spot with stochastic volatility and jumps, smiles, quotes, fat fingers.")

        @OptionGroup var target: Target
        @Option(name: .long, help: "Coin that the options are on.") var currency = "ETH"
        @Option(name: .long, help: "Days from 2026-01-01.") var days = 30
        @Option(name: .long, help: "Seed.") var seed: UInt64 = 1
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if !(1...3650).contains(days) { throw ValidationError("--days is \(days); expected 1 to 3650.") }
            if seed > 1 << 53 { throw ValidationError("--seed is \(seed); expected at most 2^53.") }
        }

        func run() async throws {
            var chain = SimulatedChain()
            chain.currency = Currency(rawValue: currency)
            chain.days = days
            chain.seed = seed
            let saved = try target.save(
                chain.snapshots().snapshots, origin: .simulated,
                about:
                    "An invented \(currency) option venue over \(days) days, \(chain.snapshotsPerDay) snapshots a day. No market data went in.",
                source: "SimulatedChain: Bates paths, Black-76 marks on a moving arbitrage-free smile", licence: "MIT",
                generator: try JSONRecord.tree(chain))
            try target.say(saved, output)
        }
    }

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a dataset, or any recorded file or folder, holds; bad quotes by reason.")

        @Argument(help: "Name of a dataset, or a path.") var data: String
        @Option(name: .long, help: "Folder of the datasets.") var datasets = "datasets"
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        struct Answer: Encodable {
            var snapshots: Int
            var options: Int
            var currencies: [String]
            var from: String
            var to: String
            var badQuotes: [String: Int]
            var manifest: DatasetManifest?
        }

        func run() async throws {
            let store = DatasetStore(URL(fileURLWithPath: datasets, isDirectory: true))
            let name = try? StoreName(data)
            let manifest = try name.flatMap { name in
                try (try? store.names())?.contains(name) == true ? reading(data) { try store.verify(name) } : nil
            }
            let known = name.map { FileManager.default.fileExists(atPath: "\(datasets)/\($0)") } ?? false
            let path = known ? "\(datasets)/\(data)" : data
            if let history = try? PriceHistoryImport([path]) { return try say(history, manifest) }
            let snapshots = try Inputs.snapshots(path, currency: nil, workers: compute.workers)
            let report = QuoteFilter().screen(snapshots).report
            let answer = Answer(
                snapshots: snapshots.count, options: snapshots.reduce(0) { $0 + $1.options.count },
                currencies: Set(snapshots.map(\.currency.rawValue)).sorted(), from: snapshots.first?.time.description ?? "",
                to: snapshots.last?.time.description ?? "",
                badQuotes: Dictionary(uniqueKeysWithValues: report.counts.map { ($0.key.rawValue, $0.value) }), manifest: manifest)
            if output.json { return try Terminal.printJSON(answer) }
            print(
                "\(path): \(answer.snapshots) snapshots of \(answer.currencies.joined(separator: ", ")), \(FigureText.grouped(answer.options)) option rows"
            )
            print("from \(answer.from) to \(answer.to)")
            if let manifest { print("\(manifest.about) Licence: \(manifest.licence). Every checksum is right.") }
            print("Bad quotes: \(report.summary)")
            for example in report.examples { print("  \(example)") }
        }

        struct HistoryAnswer: Encodable {
            struct File: Encodable {
                var path: String
                var format: String
                var rows: Int
                var from: String
                var to: String
            }

            var files: [File]
            var manifest: DatasetManifest?
        }

        private func say(_ history: PriceHistoryImport, _ manifest: DatasetManifest?) throws {
            guard output.json else {
                print(history.description)
                if let manifest { print("\(manifest.about) Licence: \(manifest.licence). Every checksum is right.") }
                return
            }
            let files = history.files.compactMap { file in
                file.history.span.map {
                    HistoryAnswer.File(
                        path: file.path, format: file.format.rawValue, rows: file.history.count, from: $0.lowerBound.description,
                        to: $0.upperBound.description)
                }
            }
            try Terminal.printJSON(HistoryAnswer(files: files, manifest: manifest))
        }
    }

    struct Snapshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One recorded moment as JSON: what hedge recommend and POST /v1/market take.")

        @Argument(help: "A recorded file or folder.") var path: String
        @Option(name: .long, help: "Currency, where the recording holds several.") var currency: String?
        @Option(name: .long, help: "The last snapshot up to this moment: 2026-02-06T12:00:00Z. Default: the last of all.") var at: String?

        func run() async throws {
            print(try Inputs.snapshot(path, currency: currency, at: at).json().text(indented: true))
        }
    }
}
