import ArgumentParser
import Hummingbird
import Yams

@main
struct HedgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hedge", abstract: "Learned hedges beside analytic ones.")
}
