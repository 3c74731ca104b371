/// How one kind of instrument is listed at a venue.
public struct Listing: Sendable, Hashable, Codable {
    public enum Product: String, Sendable, Hashable, Codable, CaseIterable {
        case option, future, perpetual, spot
    }

    /// What one contract is.
    public enum ContractSize: Sendable, Hashable, Codable {
        /// So many units of the underlying.
        case underlying(Double)
        /// So many units of the quote currency (inverse futures: 10 USD).
        case quote(Double)
    }

    public var product: Product
    public var settlement: Settlement
    /// Nil holds for every underlying that has no entry of its own.
    public var underlying: Currency?
    public var ticks: TickRule
    public var contractSize: ContractSize
    /// The smallest order, in contracts; orders are multiples of it.
    public var minimumContracts: Double
    public var fees: FeeSchedule

    public init(
        _ product: Product, _ settlement: Settlement, underlying: Currency? = nil, ticks: TickRule, contractSize: ContractSize,
        minimumContracts: Double, fees: FeeSchedule
    ) {
        self.product = product
        self.settlement = settlement
        self.underlying = underlying
        self.ticks = ticks
        self.contractSize = contractSize
        self.minimumContracts = minimumContracts
        self.fees = fees
    }

    /// Contracts that make up a quantity in `Position` units at that price of the underlying.
    public func contracts(quantity: Double, price: Double) -> Double {
        switch contractSize {
        case .underlying(let units): quantity / units
        case .quote(let amount): quantity * price / amount
        }
    }

    /// Quantity in `Position` units of so many contracts at that price of the underlying.
    public func quantity(contracts: Double, price: Double) -> Double {
        switch contractSize {
        case .underlying(let units): contracts * units
        case .quote(let amount): contracts * amount / price
        }
    }

    /// The nearest quantity the venue takes as an order; 0 where less than half of the smallest is asked for.
    public func orderable(_ quantity: Double, price: Double) -> Double {
        guard minimumContracts > 0 else { return quantity }
        let lots = (contracts(quantity: quantity, price: price) / minimumContracts).rounded()
        return self.quantity(contracts: lots * minimumContracts, price: price)
    }
}

/// A trading place and its terms. Lists drift: an account's own terms, where known, come before these.
public struct Venue: Sendable, Hashable, Codable {
    public var name: VenueName
    /// As shown to people.
    public var title: String
    public var listings: [Listing]

    public init(name: VenueName, title: String, listings: [Listing]) {
        self.name = name
        self.title = title
        self.listings = listings
    }

    /// The terms of an instrument: its underlying's own entry, else the one for all; nil where the venue lists no such thing.
    public func listing(of instrument: Instrument) -> Listing? {
        let product: Listing.Product
        let settlement: Settlement
        switch instrument {
        case .option(let contract): (product, settlement) = (.option, contract.settlement)
        case .future(_, _, let pays): (product, settlement) = (.future, pays)
        case .perpetual(_, let pays): (product, settlement) = (.perpetual, pays)
        case .spot: (product, settlement) = (.spot, .linear)
        }
        let candidates = listings.filter { $0.product == product && $0.settlement == settlement }
        return candidates.first { $0.underlying == instrument.underlying } ?? candidates.first { $0.underlying == nil }
    }
}

/// The venues whose terms are known.
public enum VenueCatalog {
    public static let all: [Venue] = [deribit, simulated]

    public static func venue(_ name: VenueName) -> Venue? { all.first { $0.name == name } }

    /// Deribit's list terms, read 2026. Options: premium below 0.005 coin ticks by 0.0001, above by 0.0005; 0.0003 coin a contract and
    /// never over 12.5 % of the premium. Futures: 10 USD (BTC) or 1 USD (ETH) a contract. Linear perpetuals: the ticks of
    /// Deribit's announcement for 28 April 2026, and 0.1 USDC for BTC.
    public static let deribit = Venue(
        name: "deribit", title: "Deribit",
        listings: inverse("BTC", minimum: 0.1, contract: 10, futureTick: 0.5) + inverse("ETH", minimum: 1, contract: 1, futureTick: 0.05)
            + linear)

    /// Ticks of linear perpetuals, USDC.
    private static let linearPerpetualTicks: [(Currency, Double)] = [
        ("ADA", 0.00001), ("ALGO", 0.00001), ("BCH", 0.001), ("BNB", 0.01), ("BTC", 0.1), ("DOT", 0.0001), ("NEAR", 0.0001), ("SOL", 0.001),
        ("TRUMP", 0.0001), ("UNI", 0.0001),
    ]

    /// Where a tick is not known any price passes: those of linear options and of other perpetuals, and smallest orders, are for the
    /// venue's own list of instruments to say.
    private static let linear: [Listing] = {
        let multipliers: [(Currency, Double)] = [("BTC", 1), ("ETH", 1), ("SOL", 10), ("AVAX", 100), ("XRP", 1000), ("TRX", 10_000)]
        let fees = FeeSchedule(basis: .value, maker: 0.0001, taker: 0.0005, delivery: 0.00015, premiumCap: 0.125)
        var listings = multipliers.map { underlying, multiplier in
            Listing(
                .option, .linear, underlying: underlying, ticks: TickRule(tick: 0), contractSize: .underlying(multiplier),
                minimumContracts: 0.01, fees: fees)
        }
        let perpetuals = linearPerpetualTicks.map { (Optional($0), $1) } + [(nil, 0)]
        listings += perpetuals.map { underlying, tick in
            Listing(
                .perpetual, .linear, underlying: underlying, ticks: TickRule(tick: tick), contractSize: .underlying(1), minimumContracts: 0,
                fees: FeeSchedule(basis: .value, maker: 0, taker: 0.0005))
        }
        listings.append(
            Listing(
                .spot, .linear, ticks: TickRule(tick: 0), contractSize: .underlying(1), minimumContracts: 0,
                fees: FeeSchedule(basis: .value, maker: 0, taker: 0)))
        return listings
    }()

    /// A place without ticks, lots or fees, for markets whose costs are given elsewhere.
    public static let simulated = Venue(
        name: "simulated", title: "Simulated",
        listings: Listing.Product.allCases.flatMap { product in
            [Settlement.inverse, .linear].map {
                Listing(
                    product, $0, ticks: TickRule(tick: 0), contractSize: .underlying(1), minimumContracts: 0,
                    fees: .free)
            }
        })

    private static func inverse(_ underlying: Currency, minimum: Double, contract: Double, futureTick: Double) -> [Listing] {
        [
            Listing(
                .option, .inverse, underlying: underlying,
                ticks: .deribitInverse,
                contractSize: .underlying(1), minimumContracts: minimum,
                fees: FeeSchedule(basis: .quantity, maker: 0.0003, taker: 0.0003, delivery: 0.00015, premiumCap: 0.125)),
            Listing(
                .perpetual, .inverse, underlying: underlying, ticks: TickRule(tick: futureTick), contractSize: .quote(contract),
                minimumContracts: 1, fees: FeeSchedule(basis: .quantity, maker: 0, taker: 0.0005)),
            Listing(
                .future, .inverse, underlying: underlying, ticks: TickRule(tick: futureTick), contractSize: .quote(contract),
                minimumContracts: 1, fees: FeeSchedule(basis: .quantity, maker: 0, taker: 0.0005, delivery: 0.00025)),
        ]
    }
}
