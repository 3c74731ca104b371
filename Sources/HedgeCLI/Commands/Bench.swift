import ArgumentParser
import Foundation

/// `hedge bench`: the benchmark program beside this one.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The benchmark table, measured on this machine.",
        discussion: "Runs the HedgeBench program that make bench builds beside hedge.")

    @Argument(help: "Names of benchmarks; none runs all.") var names: [String] = []
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let beside = Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent("HedgeBench"),
            FileManager.default.isExecutableFile(atPath: beside.path)
        else {
            throw Failure.work("no HedgeBench beside hedge; build it: swift build -c release --product HedgeBench")
        }
        let process = Process()
        process.executableURL = beside
        process.arguments = names + (output.json ? ["--json"] : [])
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure.work("HedgeBench ended with status \(process.terminationStatus).") }
    }
}
