import ArgumentParser
import Foundation
import Reporting
import Store

/// `hedge models list` and `hedge models show`.
struct Models: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trained models: what there is, and what each is good for.", subcommands: [List.self, Show.self])

    struct Folder: ParsableArguments {
        @Option(name: .long, help: "Folder of the models.") var models = "models"
        var store: ModelStore { ModelStore(URL(fileURLWithPath: models, isDirectory: true)) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every model with its versions.")
        @OptionGroup var folder: Folder
        @OptionGroup var output: OutputOptions

        struct Entry: Encodable {
            var name: String
            var version: Int
            var trainedAt: String
            var hedges: String
        }

        func run() async throws {
            let entries = try reading(folder.models) {
                try folder.store.names().flatMap { name in
                    try folder.store.versions(of: name).map { version in
                        let record = try folder.store.record(ModelReference(name: name, version: version))
                        return Entry(name: name.rawValue, version: version, trainedAt: record.trainedAt, hedges: record.notes.hedges)
                    }
                }
            }
            if output.json { return try Terminal.printJSON(["models": entries]) }
            guard !entries.isEmpty else { return print("No models in \(folder.models) yet. Train one: hedge train EXPERIMENT.yaml") }
            var table = TextTable(["model", "trained"])
            for entry in entries { table.add(["\(entry.name)@\(entry.version)", entry.trainedAt]) }
            print(table.text(), terminator: "")
            for entry in entries { print("\n\(entry.name)@\(entry.version): \(entry.hedges)") }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One model's card, after its files were found whole.")
        @Argument(help: "NAME or NAME@VERSION; without a version the newest.") var model: String
        @OptionGroup var folder: Folder
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reference = try usage { try ModelReference(model) }
            let stored = try reading(folder.models) { try folder.store.load(reference) }
            if output.json { try Terminal.printJSON(stored.record) } else { print(ModelCard(stored.record).markdown) }
        }
    }
}
