import Hedging

/// Amounts in per cent of the premium: a loss less the premium, a cost as it is.
struct PremiumScale: Sendable, Equatable {
    /// The claim's model value. Positive.
    let premium: Double

    func loss(_ loss: Double) -> Double { (loss / premium - 1) * 100 }

    /// Turnover stays in units.
    func outcome(_ outcome: HedgingOutcome) -> HedgingOutcome {
        HedgingOutcome(
            profit: outcome.profit.map { -loss(-$0) }, tradingCost: outcome.tradingCost.map { $0 / premium * 100 },
            turnover: outcome.turnover)
    }
}
