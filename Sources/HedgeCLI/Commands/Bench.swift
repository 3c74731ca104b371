import ArgumentParser
import Benchmarks

/// `hedge bench`: work of this library beside a peer's, timed on this machine.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The benchmark table, measured on this machine.",
        discussion: Benchmark.all.map { "\($0.name): \($0.summary)" }.joined(separator: "\n"))

    @Argument(help: "Names of benchmarks; none runs all.") var names: [String] = []
    @Option(name: .long, help: "Rounds; each row is their median.") var rounds = 5
    @Option(name: .long, help: "Only rows whose name and work contain this.") var part: String?
    @Option(name: .long, help: "A Python with torch, jax, pfhedge and QuantLib: times these beside, where they do the same work.")
    var python: String?
    @Option(name: .long, help: "The folder of the peers' scripts.") var peers = "Tests/Peers"
    @Option(name: .long, help: "Processes of each peer.") var processes = 3
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let known = Benchmark.all.map(\.name)
        if let name = names.first(where: { !known.contains($0) }) {
            throw ValidationError("\"\(name)\" is no benchmark; expected \(known.joined(separator: ", ")).")
        }
        if rounds < 1 { throw ValidationError("--rounds is \(rounds); expected at least 1.") }
    }

    func run() async throws {
        let programs = try python.map { try PeerPrograms(python: $0, folder: peers, processes: processes) }
        let report = try Benchmark.run(named: names, workers: compute.workers, rounds: rounds, peers: programs, part: part) { name in
            if Terminal.showsProgress { Terminal.say("timing \(name)") }
        }
        if output.json { try Terminal.printJSON(report) } else { print(report.table) }
    }
}
