public import Market
public import Surface

/// Open interest and volume of a snapshot's options, calls and puts apart. Coin.
public struct OptionInterest: Sendable, Equatable {
    public var openCalls = 0.0
    public var openPuts = 0.0
    /// Of the last 24 hours.
    public var volume = 0.0
    public var listed = 0

    public init() {}

    public init(_ options: [OptionQuote]) {
        for option in options {
            if option.contract.kind == .call { openCalls += option.openInterest } else { openPuts += option.openInterest }
            volume += option.volume
        }
        listed = options.count
    }

    public var open: Double { openCalls + openPuts }
}

/// One currency's market at one time, whatever the book: what the features of many books share.
public struct ObservedMarket: Sendable {
    public let time: Timestamp
    public let currency: Currency
    /// Spot index, quote currency per unit.
    public let index: Double
    /// The perpetual's mark, else its mid; nil where it was not recorded.
    public let perpetual: Double?
    /// The venue's current funding rate of eight hours; nil where it is not given.
    public let fundingRate: Double?
    public let surface: VolatilitySurface
    /// The liquid quotes the surface was fitted to, by expiry.
    public let chains: [ExpiryChain]
    public let interest: OptionInterest
    /// The surface's figures at constant maturities.
    public let point: SurfacePoint
    /// Of every liquid quote of a fitted expiry, (σ_mid − σ_fit) in half-spreads.
    public let misfits: [Double]
    private let shared = Once<MarketFigures>()

    public init(
        surface: VolatilitySurface, perpetual: Double? = nil, chains: [ExpiryChain] = [], interest: OptionInterest = OptionInterest(),
        fundingRate: Double? = nil
    ) {
        time = surface.time
        currency = surface.currency
        index = surface.index
        self.perpetual = perpetual
        self.fundingRate = fundingRate
        self.surface = surface
        self.chains = chains
        self.interest = interest
        point = SurfacePoint(surface, perpetual: perpetual)
        misfits = surface.misfits(of: chains)
    }

    /// - Parameters:
    ///   - surface: Of the same time and currency as the snapshot.
    ///   - chains: The snapshot's, where they are at hand; else they are made again.
    public init(
        snapshot: MarketSnapshot, surface: VolatilitySurface, chains: [ExpiryChain]? = nil, filter: LiquidityFilter = .quotesAlone
    ) {
        precondition(
            surface.time == snapshot.time && surface.currency == snapshot.currency,
            "a surface of \(surface.currency.rawValue) at \(surface.time) for a snapshot of \(snapshot.currency.rawValue) at \(snapshot.time)"
        )
        self.init(
            surface: surface, perpetual: snapshot.perpetual.flatMap { $0.mark ?? $0.mid },
            chains: chains ?? ExpiryChain.chains(of: snapshot, filter: filter), interest: OptionInterest(snapshot.options),
            fundingRate: snapshot.fundingRate)
    }

    /// Figures that few features ask for and that cost more than a glance.
    var figures: MarketFigures { shared.value { MarketFigures(self) } }
}
