import ArgumentParser
import Features
import Foundation
import LinearAlgebra
import Market
import Reporting
import Store
import Surface

/// `hedge features build`: recorded snapshots to the feature matrix that strategies and learners read.
struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Features of recorded snapshots.", subcommands: [Build.self, List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The catalogue.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let all = FeatureCatalog.all
            if output.json {
                return try Terminal.printJSON([
                    "features": all.map(\.name.rawValue), "units": all.map(\.unit), "versions": all.map { "\($0.version)" },
                    "summaries": all.map(\.summary),
                ])
            }
            for section in FeatureCatalog.sections {
                var table = TextTable([.init(section.title, .left), .init("unit", .left), .init("meaning", .left)])
                for feature in section.features { table.add([feature.name.rawValue, feature.unit, feature.summary]) }
                print(table.text() + "\n")
            }
        }
    }

    struct Build: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One row per snapshot, one column per feature, as Parquet or CSV.")

        @Option(name: .long, help: "Name of a dataset, or a recorded file or folder.") var data: String
        @Option(name: .long, help: "Currency.") var currency: String
        @Option(name: .long, help: "Contracts that pay in coin, inverse, or in dollars, linear, where the recording holds both.")
        var settlement: Settlement?
        @Option(name: .long, help: "First day: 2026-01-15.") var from: String?
        @Option(name: .long, help: "Last day.") var to: String?
        @Option(name: .long, help: "Book in JSON, for the features of an inventory.") var book: String?
        @Option(name: .customLong("out"), help: "File to write, .parquet or .csv; without it only a summary is printed.") var out: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        struct Answer: Encodable {
            var snapshots: Int
            var features: [String]
            /// In how many snapshots a feature had nothing to measure.
            var absent: [String: Int]
            var file: String?
        }

        func run() async throws {
            let snapshots = try Inputs.snapshots(
                data, currency: currency, settlement: settlement, from: from, to: to, workers: compute.workers)
            let inventory = try book.map(Inputs.book) ?? Book([])
            let states = SnapshotPipeline().states(of: snapshots, workers: compute.workers, book: { _ in inventory })
            guard !states.isEmpty else { throw Failure.data("\(data): no snapshot has quotes enough for a surface.") }
            let pipeline = FeaturePipeline()
            let matrix = pipeline.matrix(states, workers: compute.workers)
            if let out { try write(states, matrix, to: URL(fileURLWithPath: out)) }
            let absent = Dictionary(uniqueKeysWithValues: pipeline.absent(in: states).map { ($0.key.rawValue, $0.value) })
            let answer = Answer(snapshots: states.count, features: matrix.names.map(\.rawValue), absent: absent, file: out)
            if output.json { return try Terminal.printJSON(answer) }
            var table = TextTable(["feature", "mean", "min", "max", "absent"])
            for name in matrix.names {
                let column = matrix[name]
                table.add(
                    [name.rawValue]
                        + [column.reduce(0, +) / Double(column.count), column.min() ?? 0, column.max() ?? 0].map { FigureText.number($0) }
                        + ["\(absent[name.rawValue] ?? 0)"])
            }
            print("\(states.count) snapshots of \(currency)\n\n\(table.text())")
            if let out { print("\nWritten to \(out)") }
        }

        func validate() throws {
            if let out, !out.hasSuffix(".parquet"), !out.hasSuffix(".csv") {
                throw ValidationError("--out is \(out); expected a name that ends in .parquet or .csv.")
            }
        }

        private func write(_ states: [MarketState], _ matrix: FeatureMatrix, to file: URL) throws {
            let table = Self.table(states, matrix)
            guard file.pathExtension == "parquet" else { return try AtomicFile.write(table.csv, to: file) }
            let notes = [
                "schema": FeatureSchema(matrix.names).hash, "currency": currency, "source": URL(fileURLWithPath: data).lastPathComponent,
                "code": CodeVersion.current(),
            ]
            try Parquet.write(table, notes: notes, to: file)
        }

        /// A row per state: its time, then the features with their units.
        private static func table(_ states: [MarketState], _ matrix: FeatureMatrix) -> DataTable {
            var table = DataTable()
            table.add("time", states.map(\.time))
            for (name, column) in zip(matrix.names, matrix.columns) {
                table.add(name.rawValue, unit: FeatureCatalog.feature(named: name)?.unit, column)
            }
            return table
        }
    }
}
