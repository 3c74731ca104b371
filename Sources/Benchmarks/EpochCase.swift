import Features
import Hedging
import LinearAlgebra
import Probability
import Stochastics

/// One epoch of deep hedging to be timed: a sold at-the-money call of 30 days, cost 1e-3, entropic risk.
///
/// The plain network reads log-moneyness, time left, volatility or variance and what it holds, and gives the holding itself: the same
/// as the peers' network.
struct EpochCase {
    enum Law: String {
        case blackScholes = "black-scholes"
        case heston
    }

    var law = Law.blackScholes
    var policy = PolicyKind.feedForward
    var hidden = [32, 32, 32, 32]
    var paths = 10_000
    var steps = 30

    var name: String { "epoch, \(law.rawValue), \(policy.rawValue) \(hidden.map(String.init).joined(separator: "-"))" }
    var work: String { "\(grouped(paths)) paths x \(steps) steps" }
    var pathSteps: Double { Double(steps * paths) }

    /// Three times what the layers' products take forwards.
    var flops: Double {
        let widths = [policy == .feedForward ? 4 : 3] + hidden + [policy == .feedForward ? 1 : 2]
        return 6 * Double(zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }) * pathSteps
    }

    private var simulator: any PathSimulator {
        switch law {
        case .blackScholes: BlackScholesSimulator()
        case .heston:
            HestonSimulator(
                initialVariance: 0.04, meanReversion: 2, longRunVariance: 0.04, volatilityOfVariance: 0.5, scheme: .quadraticExponential)
        }
    }

    /// The seconds of each epoch of one training after the first, which warms up.
    ///
    /// - Parameter between: Called after each epoch that is timed.
    func seconds(workers: Workers, rounds: Int, between: () -> Void = {}) throws -> [Double] {
        func market(_ purpose: RandomStream.Purpose) throws -> SimulatedMarket {
            try SimulatedMarket(
                simulator: simulator, grid: TimeGrid(steps: steps), claim: .call(strike: 100), costs: [TradingCost(proportional: 1e-3)],
                stream: RandomStream(seed: 1, purpose: purpose))
        }
        var trainer = DeepHedgeTrainer()
        trainer.policy = policy
        trainer.hidden = hidden
        trainer.paths = paths
        if policy == .feedForward {
            trainer.center = .zero
            trainer.features = [.logMoneyness, .timeToExpiry, law == .heston ? .variance : .impliedVolatility]
        }
        // The last epoch holds the validation.
        trainer.epochs = rounds + 2
        trainer.validateEvery = trainer.epochs
        trainer.validationPaths = 512
        let clock = ContinuousClock()
        var last = clock.now
        var seconds: [Double] = []
        _ = try trainer.fit(
            .entropic(aversion: 1), market: market(.trainingPaths), validation: market(.validationPaths), workers: workers,
            progress: { progress in
                let elapsed = (clock.now - last) / .seconds(1)
                if progress.epoch > 1 && progress.validation == nil {
                    seconds.append(elapsed)
                    between()
                }
                last = clock.now
            })
        return seconds
    }
}
