public import Market
public import StrictJSON

/// One answer: what to hold, what that takes, and why. Learned and analytic targets stand beside each other.
public struct HedgeRecommendation: Sendable, Equatable {
    /// One hedge instrument. Quantities in the units of `Position`.
    public struct Line: Sendable, Equatable {
        public var instrument: Instrument
        public var held: Double
        public var analytic: Double
        /// nil where no model answered.
        public var learned: Double?
        /// What the answer stands for: the learned or the analytic target.
        public var target: Double

        public var trade: Double { target - held }

        public init(instrument: Instrument, held: Double, analytic: Double, learned: Double?, target: Double) {
            self.instrument = instrument
            self.held = held
            self.analytic = analytic
            self.learned = learned
            self.target = target
        }
    }

    /// A model by the name and version that the store knows it by.
    public struct Model: Sendable, Hashable {
        public var name: String
        public var version: String
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// Sensitivities of the inventory with its present hedges.
    public struct Exposure: Sendable, Equatable {
        /// Coin.
        public var value: Double
        /// Σ q Δ, coin.
        public var delta: Double
        /// Σ q (Δ − v), coin: what the default hedge brings to zero.
        public var netDelta: Double
        /// Dollars of delta for a move of 1 %.
        public var dollarGamma: Double
        /// Dollars per 1.00 of volatility.
        public var vega: Double
        /// Dollars per year.
        public var theta: Double

        public init(value: Double, delta: Double, netDelta: Double, dollarGamma: Double, vega: Double, theta: Double) {
            self.value = value
            self.delta = delta
            self.netDelta = netDelta
            self.dollarGamma = dollarGamma
            self.vega = vega
            self.theta = theta
        }
    }

    /// Unique; a bot sends outcomes back with it.
    public var id: String
    public var currency: Currency
    public var marketTime: Timestamp
    /// Seconds from the market's own time stamp to the answer.
    public var dataAge: Double
    /// Name of the analytic rule beside which the learned one stands.
    public var analyticStrategy: String
    /// `learned`, or the name of the analytic rule.
    public var strategy: String
    public var model: Model?
    public var exposure: Exposure
    public var lines: [Line]
    public var reasons: [String]
    public var warnings: [String]

    public init(
        id: String, currency: Currency, marketTime: Timestamp, dataAge: Double, analyticStrategy: String, strategy: String, model: Model?,
        exposure: Exposure, lines: [Line], reasons: [String], warnings: [String]
    ) {
        self.id = id
        self.currency = currency
        self.marketTime = marketTime
        self.dataAge = dataAge
        self.analyticStrategy = analyticStrategy
        self.strategy = strategy
        self.model = model
        self.exposure = exposure
        self.lines = lines
        self.reasons = reasons
        self.warnings = warnings
    }

    /// The reply of `POST /v1/recommendations`.
    ///
    /// - Precondition: Every number is finite; `HedgeAdvisor` sees to it.
    public func json() throws(DeribitNameError) -> JSONValue {
        var lines: [JSONValue] = []
        for line in self.lines {
            lines.append([
                "instrument": .string(try DeribitName.format(line.instrument)), "held": .number(line.held),
                "analytic": .number(line.analytic),
                "learned": line.learned.map(JSONValue.number) ?? .null, "target": .number(line.target), "trade": .number(line.trade),
            ])
        }
        return [
            "id": .string(id), "currency": .string(currency.rawValue), "marketTime": .string(String(marketTime.nanoseconds)),
            "dataAgeSeconds": .number(dataAge), "strategy": .string(strategy), "analyticStrategy": .string(analyticStrategy),
            "model": model.map { ["name": .string($0.name), "version": .string($0.version)] } ?? .null,
            "exposure": [
                "value": .number(exposure.value), "delta": .number(exposure.delta), "netDelta": .number(exposure.netDelta),
                "dollarGamma": .number(exposure.dollarGamma), "vega": .number(exposure.vega), "theta": .number(exposure.theta),
            ],
            "hedges": .array(lines), "reasons": .array(reasons.map(JSONValue.string)), "warnings": .array(warnings.map(JSONValue.string)),
        ]
    }
}
