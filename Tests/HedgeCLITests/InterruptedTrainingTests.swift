import Foundation
import Testing

/// Trainings that are killed and gone on with, as processes.
@Suite struct InterruptedTrainingTests {
    /// Long enough to be cut, every epoch kept.
    static let long = CommandTests.tiny.replacingOccurrences(of: "epochs: 20", with: "epochs: 1500")

    /// A `hedge` that is running.
    private func start(_ arguments: [String]) throws -> (process: Process, errors: Pipe) {
        let process = Process()
        process.executableURL = try #require(Hedge.program, "no hedge beside the tests; swift build builds it")
        process.arguments = arguments
        process.currentDirectoryURL = Hedge.root
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return (process, errors)
    }

    private func wait(for file: String) {
        for _ in 0..<3000 where !FileManager.default.fileExists(atPath: file) { Thread.sleep(forTimeInterval: 0.01) }
    }

    /// Figures of a training that do not depend on the clock.
    private func figures(_ run: Hedge) throws -> [String] {
        let json = try #require(run.json, "\(run.errors)")
        let training = try #require(json["training"] as? [String: Any])
        let comparison = try #require(json["comparison"] as? [String: Any])
        let picked: [Any?] = [training["bestEpoch"], training["bestValidation"], training["history"], comparison["strategies"]]
        return try picked.map { value in
            String(decoding: try JSONSerialization.data(withJSONObject: [try #require(value)], options: .sortedKeys), as: UTF8.self)
        }
    }

    @Test("killed or interrupted, a training goes on with the same command to the same bits", arguments: [SIGKILL, SIGINT])
    func goesOn(signal: Int32) throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiny.yaml", Self.long)
        func arguments(_ models: String) -> [String] {
            ["train", file, "--models", scratch.url.appendingPathComponent(models).path, "--json"]
        }
        let state = scratch.url.path + "/cut/.training/tiny/seed-3.safetensors"
        let (process, errors) = try start(arguments("cut") + ["--keep-every", "0"])
        wait(for: state)
        kill(process.processIdentifier, signal)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if signal == SIGKILL {
            #expect(process.terminationReason == .uncaughtSignal)
        } else {
            #expect(process.terminationStatus == 130 && said.contains("interrupted after epoch") && said.contains("seed-3.safetensors"))
        }
        #expect(FileManager.default.fileExists(atPath: state) && !scratch.entries.contains("tiny"))

        let rest = try Hedge(arguments("cut"))
        #expect(rest.status == 0 && rest.errors.contains("going on with tiny, seed 3, after epoch"), "\(rest.errors)")
        let whole = try Hedge(arguments("whole"))
        #expect(whole.status == 0 && whole.errors.isEmpty, "\(whole.errors)")
        #expect(try figures(rest) == figures(whole))
        let weights = try ["cut", "whole"].map {
            try Data(contentsOf: scratch.url.appendingPathComponent("\($0)/tiny/1/weights.safetensors"))
        }
        #expect(weights[0] == weights[1])
        #expect(!FileManager.default.fileExists(atPath: scratch.url.path + "/cut/.training"))
    }

    @Test(
        "a state of other settings is refused with what differs; --fresh begins anew, --finish takes what is there, compare keeps its own")
    func otherSettings() throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiny.yaml", Self.long)
        let runs = scratch.url.appendingPathComponent("runs").path
        let arguments = ["compare", file, "--export", runs, "--json", "--keep-every", "0"]
        let (process, errors) = try start(arguments)
        wait(for: runs + "/.training/tiny/seed-3.safetensors")
        kill(process.processIdentifier, SIGINT)
        _ = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)

        let other = try scratch.write("other.yaml", Self.long.replacingOccurrences(of: "hidden: [8]", with: "hidden: [9]"))
        let refused = try Hedge(["compare", other, "--export", runs])
        #expect(refused.status == 2 && refused.output.isEmpty)
        #expect(refused.errors.contains("policy.hidden was [8], is [9]") && refused.errors.contains("--fresh"), "\(refused.errors)")
        // What decides no bit of the training may change.
        let wider = try scratch.write("wider.yaml", Self.long.replacingOccurrences(of: "paths: 4000", with: "paths: 5000"))
        let folder = URL(fileURLWithPath: runs + "/.training/tiny")
        let copy = try Data(contentsOf: folder.appendingPathComponent("seed-3.safetensors"))
        let taken = try Hedge(["compare", wider, "--export", runs, "--finish", "--json"])
        #expect(taken.status == 0 && taken.json?["paths"] as? Int == 5000, "\(taken.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        let nothing = try Hedge(["compare", wider, "--export", runs, "--finish"])
        #expect(nothing.status == 2 && nothing.errors.contains("nothing to finish"), "\(nothing.errors)")

        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try copy.write(to: folder.appendingPathComponent("seed-3.safetensors"))
        let fresh = try Hedge(["compare", other, "--export", runs, "--fresh", "--json"])
        #expect(fresh.status == 0 && fresh.errors.isEmpty, "\(fresh.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        #expect(try Hedge(["compare", other, "--finish", "--fresh"]).status == 2)
    }
}
