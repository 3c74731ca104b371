import Pricing
import RealModule
import Synchronization

/// The sheets of a market, one for each time to expiry, made when first asked for and shared by all its blocks.
final class HestonSheets: Sendable {
    private let model: HestonJumpModel
    private let largestVariance: Double
    private let made = Mutex<[Double: HestonSheet]>([:])

    /// nil where the sheets have no ray: jumps of one size, or without variance.
    init?(_ model: HestonJumpModel, initialVariance: Double, horizon: Double) {
        guard model.rayTurn != nil, model.meanSquaredGrowth.isFinite else { return nil }
        self.model = model
        // √v moves by ξ/2 √t: five deviations above where it starts or returns to, and on top of them what some jumps bring.
        let start = max(initialVariance, model.heston.longRunVariance)
        let root = start.squareRoot() + 2.5 * model.heston.volatilityOfVariance * horizon.squareRoot()
        let jumps = model.jumpIntensity > 0 ? model.varianceJumpMean * (5 + 2 * model.jumpIntensity * horizon) : 0
        largestVariance = root * root + jumps
    }

    subscript(timeToExpiry: Double) -> HestonSheet {
        made.withLock { made in
            if let sheet = made[timeToExpiry] { return sheet }
            let sheet = HestonSheet(model, timeToExpiry: timeToExpiry, largestVariance: largestVariance)
            made[timeToExpiry] = sheet
            return sheet
        }
    }
}
