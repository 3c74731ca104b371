import ArgumentParser
import Foundation
import Serving

/// `hedge serve`: the service on this machine.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve recommendations over HTTP until SIGTERM or Control-C.",
        discussion: """
            POST /v1/market, /v1/inventory and /v1/recommendations; GET /healthz, /readyz, /metrics and /openapi.json.

            With the service running, in another terminal:
              hedge data snapshot datasets/simulated-chains > market.json
              echo '{"positions": [{"instrument": "ETH-27FEB26-3000-C", "quantity": -10}]}' > book.json
              curl --json @market.json http://127.0.0.1:8080/v1/market
              curl --json @book.json http://127.0.0.1:8080/v1/inventory
              curl --json '{}' http://127.0.0.1:8080/v1/recommendations
            """)

    @Option(name: .long, help: "Port; 0 takes a free one.") var port = 8080
    @Option(name: .long, help: "Address of this machine to listen on.") var host = "127.0.0.1"
    @Option(name: .long, help: "NAME or NAME@VERSION of a trained model.") var model: String?
    @Option(name: .long, help: "Folder of the models.") var models = "models"

    func validate() throws {
        if !(0...65_535).contains(port) { throw ValidationError("--port is \(port); expected 0 to 65535.") }
    }

    func run() async throws {
        var configuration = HedgeService.Configuration()
        configuration.port = port
        configuration.host = host
        let advisor = HedgeAdvisor(model: try Inputs.model(model, in: models))
        let chosen = configuration
        let service = try usage { try HedgeService(advisor, configuration: chosen) }
        let host = host
        try await service.run { port in Terminal.say("hedge serves on http://\(host):\(port) (openapi.json describes it)") }
    }
}
