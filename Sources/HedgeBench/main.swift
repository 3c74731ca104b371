// The benchmark table without the rest of the command line: HedgeBench [NAME ...] [--threads N] [--rounds N] [--json]
// [--part TEXT] [--python PATH [--peers FOLDER] [--processes N]]
import Benchmarks
import Foundation
import LinearAlgebra

func leave(_ message: String) -> Never {
    FileHandle.standardError.write(Data("HedgeBench: \(message)\n".utf8))
    exit(2)
}

func run() throws {
    var names: [String] = []
    var threads: Int?
    var rounds = 5
    var json = false
    var part: String?
    var python: String?
    var folder = "Tests/Peers"
    var processes = 3
    var words = CommandLine.arguments.dropFirst()
    func number(after option: String) -> Int {
        guard let word = words.popFirst(), let value = Int(word), value >= 1 else { leave("\(option) needs a whole number of at least 1") }
        return value
    }
    func text(after option: String) -> String {
        guard let word = words.popFirst() else { leave("\(option) needs a word behind it") }
        return word
    }
    while let word = words.popFirst() {
        switch word {
        case "--json": json = true
        case "--threads": threads = number(after: word)
        case "--rounds": rounds = number(after: word)
        case "--part": part = text(after: word)
        case "--python": python = text(after: word)
        case "--peers": folder = text(after: word)
        case "--processes": processes = number(after: word)
        case _ where word.hasPrefix("-"):
            leave("unknown option \(word); known are --threads, --rounds, --part, --python, --peers, --processes and --json")
        default: names.append(word)
        }
    }
    let peers = try python.map { try PeerPrograms(python: $0, folder: folder, processes: processes) }
    let report = try Benchmark.run(
        named: names, workers: Workers(threads: threads), rounds: rounds, peers: peers, part: part
    ) { group in
        FileHandle.standardError.write(Data("timing \(group)\n".utf8))
    }
    guard json else { return print(report.table) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
}

do {
    try run()
} catch let error as BenchmarkError {
    leave(error.description)
}
