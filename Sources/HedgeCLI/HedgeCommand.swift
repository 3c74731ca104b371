import ArgumentParser
import Foundation

/// `hedge`: one subcommand per file of `Commands`.
struct HedgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hedge",
        abstract: "Learned hedges of option books beside analytic ones, on the same paths and net of the same costs.",
        discussion: """
            Start with `hedge demo`: the whole road, offline, in under a minute.
            Exit status: 0 done, 1 the work failed, 2 bad usage or configuration, 3 bad input data, 130 interrupted.
            """,
        version: HedgeVersion.current,
        groupedSubcommands: [
            CommandGroup(name: "Begin", subcommands: [Demo.self, Doctor.self]),
            CommandGroup(name: "Markets", subcommands: [DataCommand.self, SurfaceCommand.self, FeaturesCommand.self]),
            CommandGroup(
                name: "Experiments",
                subcommands: [
                    Compare.self, Price.self, Train.self, Sweep.self, Models.self, NotebookCommand.self, Reproduce.self, Bench.self,
                ]),
            CommandGroup(name: "Advice", subcommands: [Recommend.self, Serve.self]),
        ])
}

enum HedgeVersion {
    static let current = "0.1.0"
}

@main
enum Entrance {
    static func main() async {
        do {
            var command = try HedgeCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Terminal.say("hedge: \(failure.message)")
            exit(failure.status.rawValue)
        } catch {
            leave(error)
        }
    }

    /// What the argument parser throws, help and version among it, and what nothing foresaw.
    private static func leave(_ error: any Error) -> Never {
        let message = HedgeCommand.fullMessage(for: error)
        switch HedgeCommand.exitCode(for: error) {
        case .success:
            if !message.isEmpty { print(message) }
            exit(ExitStatus.done.rawValue)
        case .validationFailure:
            Terminal.say(message)
            exit(ExitStatus.badUsage.rawValue)
        default:
            Terminal.say("hedge: \(error)")
            exit(ExitStatus.workFailed.rawValue)
        }
    }
}
