public import Hummingbird
import HummingbirdCore
public import Logging
import Market
import NIOCore
import ServiceLifecycle
import StrictJSON

/// The service: markets and inventories in, recommendations out.
///
/// Requests share nothing but two slots of immutable values; fitting and advising run on the caller's own task.
public struct HedgeService: Sendable {
    public struct Configuration: Sendable {
        public var host = "127.0.0.1"
        /// 0 takes a free one.
        public var port = 8080
        /// Bytes of a request body; a whole chain of 2,000 options is about 0.5 MB.
        public var bodyLimit = 4 << 20
        public var connections = 512
        public var idleSeconds: Int64 = 60
        /// Seconds after which a posted market is too old to advise on.
        public var marketLifetime = 300.0

        public init() {}

        var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }
    }

    public enum StartError: Error, Equatable, CustomStringConvertible {
        case openBind(host: String)

        public var description: String {
            switch self {
            case .openBind(let host):
                "host: found \(host), expected 127.0.0.1, ::1 or localhost; the service has no authentication yet, so it listens on this machine only"
            }
        }
    }

    public let configuration: Configuration
    public let advisor: HedgeAdvisor
    private let logger: Logger

    public init(_ advisor: HedgeAdvisor, configuration: Configuration = .init(), logger: Logger = Logger(label: "hedge")) throws(StartError)
    {
        guard configuration.isLoopback else { throw .openBind(host: configuration.host) }
        self.advisor = advisor
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT; answers what is under way first.
    ///
    /// - Parameter listening: Called once with the port.
    public func run(listening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
        try await application(listening: listening).runService(gracefulShutdownSignals: [.sigterm, .sigint])
    }

    /// The application, for tests that run it themselves.
    public func application(listening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) -> some ApplicationProtocol {
        Application(
            router: HedgeRoutes(advisor: advisor, configuration: configuration).router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(configuration.idleSeconds))),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "hedge",
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connections)),
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}
