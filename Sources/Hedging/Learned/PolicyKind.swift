import Features

/// What network a policy has and how its outputs become holdings.
public enum PolicyKind: String, Sendable, Codable, CaseIterable {
    /// h = c + s·y: one output per instrument; the network sees the previous holdings.
    ///
    /// With costs, `PolicyCenter.holdings` came closest to the optimum among the centres tried: the network then says what
    /// to trade, and need not pass the previous holding through all its layers unchanged.
    case feedForward = "feed-forward"
    /// h = previous holding clamped to [c − s·softplus(y₁), c + s·softplus(y₂)]: the network draws the band, and no
    /// trade is made inside it.
    ///
    /// Reference: Imaki, Imajo, Ito, Minami, Nakagawa, *No-transaction band network*, J. Financial Data Science (2023).
    case noTransactionBand = "no-transaction-band"
    /// h = c + s·(W x + b): a feed-forward policy without hidden layers.
    case linear
    /// h = c + s·yₜ: a feed-forward network of its own for every decision date.
    ///
    /// Reference: Buehler, Gonon, Teichmann, Wood, *Deep hedging*, Quantitative Finance 19 (2019), section 4.
    case perStep = "per-step"
    /// h = c + s·y with a network that remembers the path so far: a `RecurrentCell`, then the hidden layers.
    case recurrent
    /// For markets whose hedge option is a new one at each decision: a band about the book's gamma counted in options of the day,
    /// with what is held already in it. The option of the day is traded to bring it to the band's nearest edge; the net gamma and vega
    /// are inputs of the network, so that earlier trades are seen by what they still do.
    case book

    /// Whether the outputs are a band's half-widths instead of holdings.
    public var drawsBand: Bool { self == .noTransactionBand || self == .book }

    /// Hidden layers where nobody says which: a network that serves all dates is given more of them than one for each.
    public var standardHidden: [Int] {
        switch self {
        case .feedForward, .noTransactionBand, .book: [32, 32, 32, 32]
        case .linear: []
        case .perStep: [16, 16]
        case .recurrent: [32]
        }
    }
}

/// The analytic holdings c that a policy's outputs are measured from.
public enum PolicyCenter: String, Sendable, Codable, CaseIterable {
    /// c = 0: the network finds everything itself.
    case zero
    /// The first underlying instrument neutralises the book's delta, c = −bookDelta/δ; the others have c = 0.
    case delta
    /// The same with the premium-adjusted delta of books valued in coin, c = −bookNetDelta/δ.
    case netDelta = "net-delta"
    /// c = the previous holding: the network's output is the trade. Not for bands.
    case holdings

    /// The book column it reads.
    var feature: FeatureName? {
        switch self {
        case .zero, .holdings: nil
        case .delta: .bookDelta
        case .netDelta: .bookNetDelta
        }
    }

    /// That column of every asset that instruments of these names belong to.
    func features(of instruments: [String]) -> [FeatureName] {
        feature.map { feature in instruments.map { feature.ofAsset(AssetNumber.of($0)) } } ?? []
    }
}
