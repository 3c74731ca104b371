import Features

/// How a network's outputs become holdings.
public enum PolicyKind: String, Sendable, Codable, CaseIterable {
    /// h = c + s·y: one output per instrument; the network sees the previous holdings. From `PolicyCenter.holdings` the
    /// outputs are trades instead.
    case feedForward = "feed-forward"
    /// h = previous holding clamped to [c − s·softplus(y₁), c + s·softplus(y₂)]: the network draws the band, and no
    /// trade is made inside it.
    ///
    /// Reference: Imaki, Imajo, Ito, Minami, Nakagawa, *No-transaction band network*, J. Financial Data Science (2023).
    case noTransactionBand = "no-transaction-band"
}

/// The analytic holdings c that a policy's outputs are measured from.
public enum PolicyCenter: String, Sendable, Codable, CaseIterable {
    /// c = 0: the network finds everything itself.
    case zero
    /// The first underlying instrument neutralises the book's delta, c = −bookDelta/δ; the others have c = 0.
    case delta
    /// The same with the premium-adjusted delta of books valued in coin, c = −bookNetDelta/δ.
    case netDelta = "net-delta"
    /// h = previous holding + s·(max(y₁, 0) − max(y₂, 0)): what is bought and what is sold, nothing being both outputs'
    /// negative side. Feed-forward only. A network that must pass the previous holding through its layers unchanged
    /// never quite stops trading; this one can.
    case holdings

    /// The book column it reads.
    var feature: FeatureName? {
        switch self {
        case .zero, .holdings: nil
        case .delta: .bookDelta
        case .netDelta: .bookNetDelta
        }
    }
}
