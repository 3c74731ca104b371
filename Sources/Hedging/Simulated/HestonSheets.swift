import Pricing
import RealModule
import Stochastics
import Synchronization

/// The sheets of a market, one for each time to expiry, made when first asked for and shared by all its blocks.
final class HestonSheets: Sendable {
    private let model: HestonModel
    private let largestVariance: Double
    private let made = Mutex<[Double: HestonSheet]>([:])

    init(_ model: HestonModel, simulator: HestonSimulator, horizon: Double) {
        self.model = model
        // √v moves by ξ/2 √t: five deviations above where it starts or returns to.
        let root =
            max(simulator.initialVariance, simulator.longRunVariance).squareRoot() + 2.5 * model.volatilityOfVariance * horizon.squareRoot()
        largestVariance = root * root
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
