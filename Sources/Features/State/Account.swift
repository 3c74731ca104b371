public import Market

/// A fill of the book's own.
public struct Fill: Dated, Equatable {
    public var time: Timestamp
    public var instrument: Instrument
    /// In `Position` units; sold is negative.
    public var quantity: Double
    public var venue: VenueName
    /// Net delta of the book after the fill, coin; nil where it was not recorded.
    public var netDelta: Double?

    public init(time: Timestamp, instrument: Instrument, quantity: Double, venue: VenueName = "deribit", netDelta: Double? = nil) {
        self.time = time
        self.instrument = instrument
        self.quantity = quantity
        self.venue = venue
        self.netDelta = netDelta
    }
}

/// What is held at a venue beside positions, and how far the venue is trusted. Coin, unless it says otherwise.
public struct VenueAccount: Sendable, Hashable, Codable {
    public var venue: VenueName
    public var balance: Double
    public var unsettled = 0.0
    public var borrowed = 0.0
    /// Share of the balance that is kept in the coin that linear contracts pay in.
    public var stablecoinShare = 0.0
    /// Collateral that cannot be withdrawn.
    public var locked = 0.0
    /// Chance that the venue fails, per year; and the same under stress.
    public var defaultProbability = 0.0
    public var stressedDefaultProbability = 0.0
    /// Share of a claim that a failure loses.
    public var lossGivenDefault = 1.0
    /// Share of the claim that is not counted on, 0...1.
    public var haircut = 0.0
    /// Share of the balance that a third party keeps, and what a failure of the venue loses of it.
    public var offExchangeShare = 0.0
    public var offExchangeLossGivenDefault = 0.0
    /// The most that may be exposed, locked, and the largest share of all exposure; nil for no limit.
    public var exposureLimit: Double?
    public var lockedLimit: Double?
    public var shareLimit: Double?
    /// Minutes that the last withdrawals took.
    public var withdrawalMinutes: [Double] = []
    public var isPaused = false
    /// The venue's fund against losses of bankrupt accounts; nil where it publishes none.
    public var insuranceFund: Double?

    public init(venue: VenueName, balance: Double) {
        self.venue = venue
        self.balance = balance
    }
}

/// Who holds the book: equity and margins, accounts at venues, and its own past fills.
public struct Account: Sendable, Equatable {
    /// Coin; nil where they are not known.
    public var equity: Double?
    public var initialMargin: Double?
    public var maintenanceMargin: Double?
    /// Each venue once.
    public var venues: [VenueAccount]
    public var fills: TimeSeries<Fill>

    public init(
        equity: Double? = nil, initialMargin: Double? = nil, maintenanceMargin: Double? = nil, venues: [VenueAccount] = [],
        fills: [Fill] = []
    ) {
        self.equity = equity
        self.initialMargin = initialMargin
        self.maintenanceMargin = maintenanceMargin
        self.venues = venues
        self.fills = TimeSeries(fills)
    }

    /// The account with the fills that had happened by a time.
    public func known(at time: Timestamp) -> Account {
        var account = self
        account.fills = fills.known(at: time)
        return account
    }
}
