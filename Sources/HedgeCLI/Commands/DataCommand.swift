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
                throw exists
            }
        }

        var exists: Failure { .usage("\(datasets)/\(to) exists; choose another name, or give --replace.") }

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

    struct Snapshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One recorded moment as JSON: what hedge recommend and POST /v1/market take.")

        @Argument(help: "Name of a dataset, or a recorded file or folder.") var path: String
        @Option(name: .long, help: "Currency, where the recording holds several.") var currency: String?
        @Option(name: .long, help: "Contracts that pay in coin, inverse, or in dollars, linear, where the recording holds both.")
        var settlement: Settlement?
        @Option(name: .long, help: "The last snapshot up to this moment: 2026-02-06T12:00:00Z. Default: the last of all.") var at: String?

        func run() async throws {
            print(try Inputs.snapshot(path, currency: currency, settlement: settlement, at: at).json().text(indented: true))
        }
    }
}
