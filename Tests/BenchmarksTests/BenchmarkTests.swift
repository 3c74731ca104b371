import Benchmarks
import Foundation
import LinearAlgebra
import Testing

@Suite struct BenchmarkTests {
    @Test("every group runs and gives rows with positive times", arguments: Benchmark.all.map(\.name))
    func rows(name: String) throws {
        let report = try Benchmark.run(named: [name], workers: Workers(threads: 1), rounds: 1, scale: 0.01)
        #expect(!report.rows.isEmpty)
        for row in report.rows {
            #expect(row.seconds > 0 && row.perSecond > 0, "\(row.name)")
            #expect((row.peer == nil) == (row.peerSeconds == nil))
            if let ratio = row.ratio, let peer = row.peerSeconds { #expect(ratio == peer / row.seconds) }
        }
        #expect(report.machine.threads == 1)
        #expect(report.table.contains(report.rows[0].name))
    }

    @Test(
        "a part of a name, or of a name and its work, chooses the rows",
        arguments: [
            ("algebra", "least squares", 2), ("algebra", "rows x 20", 1), ("pricing", "SVI surface", 2), ("simulation", "rollout", 2),
            ("snapshot", "  parse", 1), ("pricing", "no such row", 0),
        ])
    func part(group: String, part: String, count: Int) throws {
        let rows = try Benchmark.run(named: [group], workers: Workers(threads: 1), rounds: 1, scale: 0.01, part: part).rows
        #expect(rows.count == count)
        #expect(rows.allSatisfy { "\($0.name), \($0.work)".contains(part) })
    }

    @Test("an unknown group is refused with the known ones")
    func unknown() {
        #expect(throws: BenchmarkError.unknown("speed", known: Benchmark.all.map(\.name))) {
            try Benchmark.run(named: ["algebra", "speed"])
        }
    }

    @Test("the coded report has the contract's keys, null where there is no peer")
    func coding() throws {
        let row = BenchmarkRow(name: "a", work: "b", seconds: 2, perSecond: 3)
        let report = BenchmarkReport(rows: [row], machine: .init(processors: 2, threads: 1, blasKernel: "k", blas: "o", rounds: 5))
        let text = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        for key in ["rows", "machine", "name", "work", "seconds", "perSecond", "peer", "peerSeconds", "ratio"] {
            #expect(text.contains("\"\(key)\":"), "\(key)")
        }
        #expect(try JSONDecoder().decode(BenchmarkReport.self, from: Data(text.utf8)) == report)
    }
}
