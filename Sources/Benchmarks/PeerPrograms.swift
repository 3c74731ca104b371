import Foundation

/// Programs of other people's that do the same work: scripts of a folder, run by a Python that has what they import.
public struct PeerPrograms: Sendable, Equatable {
    public var python: String
    /// Where the scripts are: `Tests/Peers` of a checkout.
    public var folder: String
    /// How many processes of each engine are timed, one after the other: what a process is given of memory and cores differs.
    public var processes: Int

    /// - Throws: `BenchmarkError` where there is no such program or folder.
    public init(python: String, folder: String = "Tests/Peers", processes: Int = 3) throws(BenchmarkError) {
        guard processes >= 1 else { throw .peerProcesses(processes) }
        guard FileManager.default.isExecutableFile(atPath: python) else { throw .noPython(python) }
        guard FileManager.default.fileExists(atPath: folder + "/training.py") else { throw .noPeers(folder: folder) }
        self.python = python
        self.folder = folder
        self.processes = processes
    }

    /// Runs a script and reads the JSON that it prints last.
    func run<Answer: Decodable>(_ script: String, _ arguments: [String], as type: Answer.Type) throws(BenchmarkError) -> Answer {
        let words = ["\(folder)/\(script)"] + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = words
        let (output, complaints) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = complaints
        let command = words.joined(separator: " ")
        do { try process.run() } catch { throw .peerFailed(command: command, reason: "\(error)") }
        // Read beside the run: a full pipe would stop it.
        let read = DispatchGroup()
        nonisolated(unsafe) var errors = Data()
        read.enter()
        DispatchQueue.global().async {
            errors = complaints.fileHandleForReading.readDataToEndOfFile()
            read.leave()
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        read.wait()
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        guard process.terminationStatus == 0, let last = lines.last else {
            let reason = String(decoding: errors, as: UTF8.self).split(separator: "\n").last.map(String.init)
            throw .peerFailed(command: command, reason: reason ?? "it ended with \(process.terminationStatus) and printed nothing")
        }
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(last.utf8))
        } catch {
            throw .peerFailed(command: command, reason: "its last line is \"\(last)\", expected the JSON of its results")
        }
    }

    /// What one process of a script took.
    struct Timing: Decodable {
        /// Of each round; none where a package is missing.
        var seconds: [Double]?
        /// What the script did less of than it was asked.
        var paths: Int?
        /// What a round did, where the script counts it itself.
        var units: Double?
        var missing: String?
    }

    /// The seconds of each round of one process, for as much work as was asked for; none where the Python lacks what the engine needs.
    func seconds(_ script: String, engine: String, paths: Int, _ arguments: [String]) throws(BenchmarkError) -> [Double] {
        let timing = try run(script, ["--engine", engine, "--paths", "\(paths)"] + arguments, as: Timing.self)
        let scale = Double(paths) / Double(timing.paths ?? paths)
        return (timing.seconds ?? []).map { $0 * scale }
    }

    /// The same of a script that says how many units of work its rounds were: seconds for as many as `units`.
    func seconds(_ script: String, engine: String, units: Double, _ arguments: [String]) throws(BenchmarkError) -> [Double] {
        let timing = try run(script, ["--engine", engine] + arguments, as: Timing.self)
        let scale = units / (timing.units ?? units)
        return (timing.seconds ?? []).map { $0 * scale }
    }
}
