import Market
import Pricing
import RealModule

/// What is exposed at each venue: E = balance + unsettled + value of its options − borrowed. Coin.
///
/// Long options are claims on their venue, sold ones claims of it on us.
struct VenueExposure: Sendable {
    let account: VenueAccount
    let exposure: Double

    /// - Parameter fall: Share by which every forward falls, volatilities unmoved; nil for the market as it is.
    static func all(_ state: MarketState, fall: Double? = nil) -> [VenueExposure] {
        state.account.venues.map { account in
            let options = state.valued.options.reduce(0) { sum, option in
                guard option.venue == account.venue else { return sum }
                guard let fall else { return sum + option.quantity * option.coin.value }
                let value = InverseOption.value(
                    option.contract.kind, forward: option.forward * (1 - fall), strike: option.contract.strike,
                    totalVariance: option.volatility * option.volatility * option.timeToExpiry)
                return sum + option.quantity * value
            }
            return VenueExposure(account: account, exposure: account.balance + account.unsettled + options - account.borrowed)
        }
    }

    /// Share of the exposure that a failure loses: a third party that keeps a part of it loses less.
    var lossGivenDefault: Double {
        let away = min(max(account.offExchangeShare, 0), 1)
        return away * account.offExchangeLossGivenDefault + (1 - away) * account.lossGivenDefault
    }
}

/// Venues and how far they are trusted. Nothing where no venue's account is known.
enum VenueFeatures {
    /// Horizon of the expected losses: a week.
    static let horizon = 7 / 365.0
    /// Fall of the stablecoin, about that of USDC in March 2023.
    private static let depeg = 0.1

    static let all: [any Feature] = [
        figure("venue-exposure", "coin", "coin exposed at venues, sum") { $0.reduce(0) { $0 + $1.exposure } },
        figure("venue-largest-share", "share", "largest venue's share of what is exposed") { venues in
            let sizes = venues.map { max($0.exposure, 0) }
            let total = sizes.reduce(0, +)
            return total > 0 ? (sizes.max() ?? 0) / total : nil
        },
        figure("venue-expected-loss", "coin", "expected insolvency loss of a week") { expectedLoss($0, \.defaultProbability) },
        figure("venue-expected-loss-stressed", "coin", "expected insolvency loss of a week, stressed probabilities") {
            expectedLoss($0, \.stressedDefaultProbability)
        },
        // Σ E (1 − h).
        figure("venue-haircut-value", "coin", "exposure after each venue's haircut") {
            $0.reduce(0) { $0 + $1.exposure * (1 - $1.account.haircut) }
        },
        // max E/L.
        figure("venue-limit-use", "fraction", "largest exposure over its limit") {
            use($0) { venue, _ in ratio(venue.exposure, venue.account.exposureLimit) }
        },
        // max (E/ΣE)/s.
        figure("venue-share-limit-use", "fraction", "largest share of the exposure over its limit") {
            use($0) { venue, total in total > 0 ? ratio(venue.exposure / total, venue.account.shareLimit) : nil }
        },
        // max locked/m.
        figure("venue-locked-limit-use", "fraction", "largest locked collateral over its limit") {
            use($0) { venue, _ in ratio(venue.account.locked, venue.account.lockedLimit) }
        },
        figure("venue-locked", "coin", "collateral that cannot be withdrawn") { $0.reduce(0) { $0 + $1.account.locked } },
        // Σ share · balance/Σ balance.
        figure("off-exchange-share", "share", "share of the balances that third parties keep") { venues in
            let total = venues.reduce(0) { $0 + max($1.account.balance, 0) }
            return total > 0 ? venues.reduce(0) { $0 + $1.account.offExchangeShare * max($1.account.balance, 0) } / total : nil
        },
        figure("withdrawal-minutes", "minutes", "mean time of the slowest venue's last withdrawals") { venues in
            venues.compactMap { venue in
                let minutes = venue.account.withdrawalMinutes
                return minutes.isEmpty ? nil : minutes.reduce(0, +) / Double(minutes.count)
            }.max()
        },
        figure("venues-paused", "count", "venues that pay nothing out") { Double($0.count { $0.account.isPaused }) },
        // Wrong way: Σ PD · LGD · (E⁺ after a fall of 16 % − E⁺ now) · h.
        Figure("venue-wrong-way", unit: "coin", "expected insolvency loss of a week that a fall of 16 % adds") { state in
            let now = VenueExposure.all(state)
            guard !now.isEmpty else { return nil }
            return expectedLoss(VenueExposure.all(state, fall: 0.16), \.defaultProbability) - expectedLoss(now, \.defaultProbability)
        },
        // min fund/open interest.
        Figure(
            "insurance-cover", unit: "fraction", "smallest venue's insurance fund over the options' open interest", otherwise: { _ in 1 }
        ) {
            state in
            guard state.market.interest.open > 0 else { return nil }
            return state.account.venues.compactMap(\.insuranceFund).min().map { $0 / state.market.interest.open }
        },
        // d (Σ s (balance + unsettled) + Σ q v over linear options), s the venue's share in that coin, d = 10 %.
        Figure("stablecoin-depeg-loss", unit: "coin", "lost if the coin that linear contracts pay in falls by a tenth") { state in
            let linear = state.valued.options.filter { $0.contract.settlement == .linear }
            guard !state.account.venues.isEmpty || !linear.isEmpty else { return nil }
            let held = state.account.venues.reduce(0) { $0 + $1.stablecoinShare * ($1.balance + $1.unsettled) }
            return depeg * linear.reduce(held) { $0 + $1.quantity * $1.coin.value }
        },
        // |USDC − 1|, the last price of a day.
        Figure("stablecoin-gap", unit: "fraction", "distance from a dollar of the coin that linear contracts pay in") { state in
            state.past.stablecoin.last(days: 1, before: state.time).last.map { ($0.price - 1).magnitude }
        },
    ]

    private static func figure(
        _ name: FeatureName, _ unit: String, _ summary: String, _ formula: @escaping @Sendable ([VenueExposure]) -> Double?
    ) -> any Feature {
        Figure(name, unit: unit, summary) { state in
            let venues = VenueExposure.all(state)
            return venues.isEmpty ? nil : formula(venues)
        }
    }

    /// Σ E⁺ · PD · LGD · h.
    private static func expectedLoss(_ venues: [VenueExposure], _ probability: KeyPath<VenueAccount, Double>) -> Double {
        venues.reduce(0) { $0 + max($1.exposure, 0) * $1.account[keyPath: probability] * $1.lossGivenDefault * horizon }
    }

    private static func ratio(_ amount: Double, _ limit: Double?) -> Double? { limit.flatMap { $0 > 0 ? amount / $0 : nil } }

    /// The largest of the venues' uses that have a limit; nil where none has.
    private static func use(_ venues: [VenueExposure], _ share: (VenueExposure, _ total: Double) -> Double?) -> Double? {
        let total = venues.reduce(0) { $0 + max($1.exposure, 0) }
        return venues.compactMap { share($0, total) }.max()
    }
}
