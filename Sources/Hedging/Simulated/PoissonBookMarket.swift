public import Features
public import LinearAlgebra
import Pricing
public import Probability
import RealModule
public import Stochastics

/// A dealer's book that grows as clients come: options bought and sold at the money at Poisson times, hedged once a day with the
/// at-the-money option of that day, always delta-neutral in the spot, which trades free.
///
/// At each date n ~ Poisson(rate · Δt) clients trade one contract each at the model's price, buying or selling with equal chance; the
/// first date brings exactly one buyer. A hedge option is struck at each date at the spot and stays in the book. The loss of a
/// path is what book and hedges lose to the end of the grid, marked there at the model's price, and what trading the options cost.
///
/// The instruments are the hedge options in the order of their dates, T of them, each one contract **with its own delta hedged**. Each
/// is traded at its own date alone; one that is not struck yet has no price. With n_s bought at date s
///
///     loss = −(clients' gain) − Σ_s n_s g_s + Σ_s cost(n_s),   g_s = Σ_{t ≥ s} (V_{t+1} − V_t − Δ_t (S_{t+1} − S_t))
///
/// is linear in the trades but for their cost; yet each decision depends on those before it, through the gamma and vega of what is held.
///
/// All options are valued at one volatility a path and date: the law's own, or in SABR's market Hagan's for the strike S₀ and the end
/// of the grid, as in the published setting.
///
/// Reference: Cao, Chen, Farghadani, Hull, Poulos, Wang, Yuan, *Gamma and vega hedging using deep distributional reinforcement
/// learning*, Frontiers in Artificial Intelligence 6 (2023).
public struct PoissonBookMarket: HedgingMarket {
    /// What clients and the dealer trade.
    public struct Settings: Sendable, Equatable, Codable {
        /// Clients a day.
        public var arrivalsPerDay = 1.0
        /// Days to expiry of clients' options. At least the grid's.
        public var clientDays = 60.0
        /// Days to expiry of the hedge option. At least the grid's.
        public var hedgeDays = 30.0
        /// Units of underlying to a contract.
        public var contractSize = 100.0

        public init() {}
    }

    public let simulator: any PathSimulator
    public let grid: TimeGrid
    public let settings: Settings
    public let instruments: [HedgeInstrument]
    public var stream: RandomStream

    /// - Parameter cost: Of a hedge option, a fraction of its price.
    public init(
        simulator: any PathSimulator, grid: TimeGrid, settings: Settings = .init(), cost: TradingCost = .init(), stream: RandomStream
    ) throws(SimulatedMarketError) {
        guard simulator is BlackScholesSimulator || simulator is SABRSimulator else {
            throw .noImpliedVolatility(simulator: simulator.name)
        }
        for days in [settings.clientDays, settings.hedgeDays] where days < grid.maturityDays {
            throw .optionExpiresEarly(days: days, gridDays: grid.maturityDays)
        }
        precondition(settings.arrivalsPerDay >= 0 && settings.contractSize > 0, "\(settings)")
        self.simulator = simulator
        self.grid = grid
        self.settings = settings
        self.stream = stream
        instruments = (1...grid.steps).map { HedgeInstrument(name: "option-\($0)", kind: .option, cost: cost) }
    }

    public var recordedPaths: Int? { nil }

    public var availableFeatures: [FeatureName] {
        [.forward, .impliedVolatility, .remainingSteps, .todaysOption, .bookDelta, .bookGamma, .bookVega]
    }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        for feature in features { precondition(availableFeatures.contains(feature), "this market has no feature '\(feature)'") }
        let block = simulator.paths(range, on: grid, stream: stream)
        return PoissonBookPaths(
            market: self, block: block, clients: (0..<grid.steps).map { step in range.map { netSold(path: $0, step: step) } },
            features: features)
    }

    /// The same market with paths of another stream.
    public func drawing(from stream: RandomStream) -> PoissonBookMarket {
        var market = self
        market.stream = stream
        return market
    }

    // MARK: Clients

    /// Where in the stream the clients' draws begin, far beyond the steps of any simulator.
    private static let clientSteps = 1 << 24

    /// Contracts that clients bought less those they sold at a date: what the dealer's book falls by.
    public func netSold(path: Int, step: Int) -> Double {
        guard step > 0 else { return 1 }
        let place = Self.clientSteps + step
        let count = arrivals(stream.uniform(path: path, step: place))
        guard count > 0 else { return 0 }
        let coins = stream.words(path: path, step: place, group: 1).x
        let buyers = (coins & (UInt32.max >> UInt32(32 - count))).nonzeroBitCount
        return Double(2 * buyers - count)
    }

    /// The Poisson law inverted; beyond 32 there is nothing a day.
    private func arrivals(_ uniform: Double) -> Int {
        let rate = settings.arrivalsPerDay * grid.maturityDays / Double(grid.steps)
        var probability = Double.exp(-rate)
        var sum = probability
        var count = 0
        while sum < uniform && count < 32 {
            count += 1
            probability *= rate / Double(count)
            sum += probability
        }
        return count
    }
}

extension FeatureName {
    /// Which instrument is the option struck at this decision, counted from 0.
    public static let todaysOption: FeatureName = "todays-option"
}
