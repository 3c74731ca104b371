public import LinearAlgebra

/// A named group of rows.
public struct Benchmark: Sendable {
    public let name: String
    public let summary: String
    /// Whether it runs where none is named: not those that take minutes.
    var runsUnasked = true
    let rows: @Sendable (BenchmarkRun) throws -> [BenchmarkRow]

    /// Every group that `hedge bench` knows, in the order it runs them.
    public static let all: [Benchmark] = [.training, .simulation, .quality, .scaling, .pricing, .snapshot, .algebra]

    /// Runs the named groups, or where none is named all that take no minutes.
    ///
    /// - Parameters:
    ///   - rounds: Each row is the median of as many; own work and the peer's take turns, so that a slow moment of the machine hits both.
    ///   - scale: Share of the full work, for tests.
    ///   - peers: Other people's programs to be timed beside; without them their rows are missing.
    ///   - part: What a row's name and work, a comma between them, must contain to be run; nil runs all.
    ///   - progress: Told the name of each group before it runs.
    public static func run(
        named names: [String] = [], workers: Workers = Workers(), rounds: Int = 5, scale: Double = 1, peers: PeerPrograms? = nil,
        part: String? = nil,
        progress: (String) -> Void = { _ in }
    ) throws -> BenchmarkReport {
        precondition(rounds >= 1 && scale > 0 && scale <= 1, "\(rounds) rounds at scale \(scale)")
        if let name = names.first(where: { name in !all.contains { $0.name == name } }) {
            throw BenchmarkError.unknown(name, known: all.map(\.name))
        }
        let chosen = names.isEmpty ? all.filter(\.runsUnasked) : all.filter { names.contains($0.name) }
        let run = BenchmarkRun(workers: workers, rounds: rounds, scale: scale, peers: peers, part: part)
        var rows: [BenchmarkRow] = []
        for benchmark in chosen {
            progress(benchmark.name)
            rows += try benchmark.rows(run)
        }
        let blas = BLASBuild.current
        return BenchmarkReport(
            rows: rows,
            machine: .init(
                processors: blas.processors, threads: workers.threads, blasKernel: blas.kernel, blas: blas.configuration, rounds: rounds))
    }
}

public enum BenchmarkError: Error, Equatable, CustomStringConvertible {
    case unknown(String, known: [String])
    case noPython(String)
    case noPeers(folder: String)
    case peerProcesses(Int)
    case peerFailed(command: String, reason: String)

    public var description: String {
        switch self {
        case .noPython(let path): "no program at \"\(path)\", expected a Python that has the peers' packages"
        case .noPeers(let folder): "no training.py in \"\(folder)\", expected the folder Tests/Peers of a checkout"
        case .peerProcesses(let count): "\(count) processes of each peer, expected at least 1"
        case .peerFailed(let command, let reason): "the peer \"\(command)\" failed: \(reason)"
        case .unknown(let name, let known): "unknown benchmark \"\(name)\", expected one of \(known.joined(separator: ", "))"
        }
    }
}

/// How the rows are timed.
struct BenchmarkRun: Sendable {
    let workers: Workers
    let rounds: Int
    let scale: Double
    let peers: PeerPrograms?
    let part: String?

    /// Whether a row of that name and work was asked for.
    func wants(_ row: String) -> Bool { part.map(row.contains) ?? true }

    /// A size of work, scaled, at least `minimum`.
    func size(_ full: Int, minimum: Int = 1) -> Int { max(minimum, Int(Double(full) * scale)) }

    /// Times `own` against `peer`, turn by turn. No row where another is asked for.
    ///
    /// - Parameters:
    ///   - units: Of work in one call.
    ///   - own, peer: Return a number that depends on all they did, so that nothing can be left out.
    func row(
        _ name: String, work: String, units: Double, peer: String? = nil, own: () throws -> Double,
        than peerWork: (() throws -> Double)? = nil
    ) throws -> [BenchmarkRow] {
        guard wants("\(name), \(work)") else { return [] }
        // Short calls are repeated until a sample lasts 10 ms.
        func repeats(_ body: () throws -> Double) rethrows -> Int {
            let once = try Self.seconds(1, body)
            return max(1, Int(0.01 * scale / max(once, 1e-9)))
        }
        let ownRepeats = try repeats(own)
        let peerRepeats = try peerWork.map { try repeats($0) } ?? 0
        var ownSeconds: [Double] = []
        var peerSeconds: [Double] = []
        for _ in 0..<rounds {
            ownSeconds.append(try Self.seconds(ownRepeats, own))
            if let peerWork { peerSeconds.append(try Self.seconds(peerRepeats, peerWork)) }
        }
        let seconds = Self.median(ownSeconds)
        return [
            BenchmarkRow(
                name: name, work: work, seconds: seconds, perSecond: units / seconds, peer: peer,
                peerSeconds: peerSeconds.isEmpty ? nil : Self.median(peerSeconds))
        ]
    }

    /// Engines of ``PeerPrograms``' pricing.py that do the same work: a row for each that has what it needs, their processes and calls of
    /// `own` in turns. None without peers, or where another row is asked for.
    ///
    /// - Parameters:
    ///   - engines: As the script names them and as people do.
    ///   - arguments: How much work, in the script's words.
    func rows(
        _ name: String, work: String, units: Double, engines: [(name: String, text: String)], _ arguments: [String] = [],
        own: () throws -> Double
    ) throws -> [BenchmarkRow] {
        guard let peers, wants("\(name), \(work)") else { return [] }
        var ownSeconds: [Double] = []
        var others = [[Double]](repeating: [], count: engines.count)
        let repeats = max(1, Int(0.01 / max(try Self.seconds(1, own), 1e-9)))
        for _ in 0..<peers.processes {
            for _ in 0..<rounds { ownSeconds.append(try Self.seconds(repeats, own)) }
            for (k, engine) in engines.enumerated() {
                others[k] += try peers.seconds(
                    "pricing.py", engine: engine.name, units: units,
                    arguments + ["--threads", "\(workers.threads)", "--rounds", "\(rounds)"])
            }
        }
        let seconds = Self.median(ownSeconds)
        return zip(engines, others).filter { !$1.isEmpty }.map { engine, times in
            BenchmarkRow(
                name: name, work: work, seconds: seconds, perSecond: units / seconds,
                peer: "\(engine.text), \(peers.processes) processes", peerSeconds: Self.median(times))
        }
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    static func seconds(_ repeats: Int, _ body: () throws -> Double) rethrows -> Double {
        let start = ContinuousClock.now
        var sum = 0.0
        for _ in 0..<repeats { sum += try body() }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        keep(sum)
        return elapsed / Double(repeats)
    }

    /// Something the optimizer cannot see through, so that the sum has a use.
    @inline(never)
    private static func keep(_ value: Double) { _ = value }
}

/// 1234567 as 1,234,567.
func grouped(_ value: Int) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
        if index > 0 && index % 3 == 0 { text = "," + text }
        text = String(digit) + text
    }
    return text
}
