public import Market
public import Stochastics

/// What the simulated claim may be hedged with.
public enum SimulatedInstrument: Sendable, Equatable, Codable {
    case spot
    /// The idealised variance swap of Heston's model: pays the realised variance ∫₀ᵀ v ds at the end of the grid, and
    /// costs its expectation on the way,
    ///
    ///     S²(t) = ∫₀ᵗ v ds + (v(t) − b)/α · (1 − e^{−α(T−t)}) + b (T − t).
    case varianceSwap
    /// Another European option, which may outlive the claim.
    case option(OptionKind, strike: Double, maturityDays: Double)
    /// The spot's price, and funding that a long position pays: f S Δt from one decision to the next.
    case perpetual(FundingProcess)
    /// The dated future F = S e^{bτ}, τ years to its own expiry.
    case future(basis: Double, maturityDays: Double)

    public var name: String {
        switch self {
        case .spot: "spot"
        case .varianceSwap: "variance-swap"
        case .perpetual: "perpetual"
        case .future(_, let days): "future-\(Self.short(days))d"
        case .option(let kind, let strike, let days): "\(kind.rawValue)-\(Self.short(strike))-\(Self.short(days))d"
        }
    }

    var kind: HedgeInstrument.Kind {
        switch self {
        case .spot, .perpetual, .future: .underlying
        case .varianceSwap: .varianceSwap
        case .option: .option
        }
    }

    private static func short(_ number: Double) -> String {
        number == number.rounded() && number.magnitude < 1e9 ? "\(Int(number))" : "\(number)"
    }
}
