import Features
import LinearAlgebra
import Market
import Pricing
import RealModule
import Stochastics

/// A block of growing books. All figures are per contract and computed once, for the dates on which an option lives.
struct PoissonBookPaths: HedgingPaths {
    /// One day's option from its date on: columns of N, by dates since.
    private struct Course {
        /// The last is at the end of the grid.
        var values: [[Double]] = []
        var gammas: [[Double]] = []
        var vegas: [[Double]] = []
        /// From each date to the next, delta hedged.
        var gains: [[Double]] = []
    }

    private let market: PoissonBookMarket
    private let block: PathBlock
    private let features: [FeatureName]
    private let volatilities: [[Double]]
    private let hedges: [Course]
    private let clientGammas: [[Double]]
    private let clientVegas: [[Double]]
    let liabilityGains: [Double]

    /// - Parameter clients: Contracts sold to clients, net, at each date.
    init(market: PoissonBookMarket, block: PathBlock, clients: [[Double]], features: [FeatureName]) {
        self.market = market
        self.block = block
        self.features = features
        let (steps, count) = (block.steps, block.count)
        let volatilities = (0...steps).map { Self.volatilities(market, block, step: $0) }
        func course(_ start: Int, days: Double) -> Course {
            Self.course(start, days: days, market: market, block: block, volatilities: volatilities)
        }
        var gammas = [[Double]](repeating: [Double](repeating: 0, count: count), count: steps)
        var vegas = gammas
        var gain = [Double](repeating: 0, count: count)
        var hedges: [Course] = []
        let sameLife = market.settings.clientDays == market.settings.hedgeDays
        for start in 0..<steps {
            hedges.append(course(start, days: market.settings.hedgeDays))
            let client = sameLife ? hedges[start] : course(start, days: market.settings.clientDays)
            for date in start..<steps {
                for i in 0..<count {
                    let position = -clients[start][i]
                    gammas[date][i] += position * client.gammas[date - start][i]
                    vegas[date][i] += position * client.vegas[date - start][i]
                    gain[i] += position * client.gains[date - start][i]
                }
            }
        }
        self.volatilities = volatilities
        self.hedges = hedges
        clientGammas = gammas
        clientVegas = vegas
        liabilityGains = gain
    }

    private static func course(
        _ start: Int, days: Double, market: PoissonBookMarket, block: PathBlock, volatilities: [[Double]]
    ) -> Course {
        let (steps, count) = (block.steps, block.count)
        let size = market.settings.contractSize
        let (strikes, logStrikes) = (block.spot[start], block.logSpot[start])
        let empty = [Double](repeating: 0, count: count)
        var course = Course()
        var (moneyness, ratios, deltas) = (empty, empty, empty)
        for date in start...steps {
            let spots = block.spot[date]
            // At the money of its own path: one strike a path, so that Black's columns run on S/K for the strike 1.
            for i in 0..<count {
                moneyness[i] = block.logSpot[date][i] - logStrikes[i]
                ratios[i] = spots[i] / strikes[i]
            }
            let black = BlackColumns(
                .call, strike: 1, timeToExpiry: max(days / market.grid.daysPerYear - market.grid.time(date - start), 0),
                logSpot: moneyness, spot: ratios, volatility: volatilities[date],
                figures: date < steps ? [.value, .delta, .gamma, .vega] : [.value])
            var values = empty
            for i in 0..<count { values[i] = size * strikes[i] * black.value[i] }
            if let before = course.values.last {
                let spotsBefore = block.spot[date - 1]
                var gains = empty
                for i in 0..<count {
                    let hedge = deltas[i] * (spots[i] - spotsBefore[i])
                    gains[i] = values[i] - before[i] - hedge
                }
                course.gains.append(gains)
            }
            course.values.append(values)
            guard date < steps else { break }
            var (gammas, vegas) = (empty, empty)
            for i in 0..<count {
                deltas[i] = size * black.delta[i]
                gammas[i] = size * black.gamma[i] / strikes[i]
                vegas[i] = size * strikes[i] * black.vega[i]
            }
            course.gammas.append(gammas)
            course.vegas.append(vegas)
        }
        return course
    }

    private static func volatilities(_ market: PoissonBookMarket, _ block: PathBlock, step: Int) -> [Double] {
        guard let law = market.simulator as? SABRSimulator else {
            return [Double](repeating: market.simulator.referenceVolatility(on: market.grid), count: block.count)
        }
        let years = market.grid.timeToMaturity(step)
        var column = [Double](repeating: 0, count: block.count)
        for i in 0..<block.count {
            let spot = block.spot[step][i]
            let alpha: Double = block.variance[step][i].squareRoot() * Double.pow(spot, 1 - law.beta)
            let smile = SABRSmile(
                alpha: alpha, beta: law.beta, volatilityOfVolatility: law.volatilityOfVolatility, correlation: law.correlation)
            column[i] = smile.impliedVolatility(forward: spot, strike: law.spot, timeToExpiry: years)
        }
        return column
    }

    // MARK: As strategies meet it

    var count: Int { block.count }
    var steps: Int { block.steps }
    var chargesUnwinding: Bool { false }
    var finalPrices: Matrix<Double> { matrix { $0.values[steps - $1] } }

    /// A matrix [N, T] of what a course has, from its date on.
    private func matrix(upTo last: Int? = nil, absent: Double = 0, _ column: (Course, _ start: Int) -> [Double]) -> Matrix<Double> {
        let last = last ?? steps - 1
        var matrix = Matrix<Double>(rows: count, columns: steps)
        matrix.storage.withUnsafeMutableBufferPointer { storage in
            for start in 0..<steps {
                if start > last {
                    if absent != 0 { for i in 0..<count { storage[i * steps + start] = absent } }
                    continue
                }
                let values = column(hedges[start], start)
                for i in 0..<count { storage[i * steps + start] = values[i] }
            }
        }
        return matrix
    }

    func gains(step: Int) -> Matrix<Double> { matrix(upTo: step) { $0.gains[step - $1] } }

    func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        precondition((0..<steps).contains(step), "no decision at step \(step) of \(steps)")
        let columns = features.map { feature in
            switch feature {
            case .forward: block.spot[step]
            case .impliedVolatility: volatilities[step]
            case .remainingSteps: [Double](repeating: Double(steps - step), count: count)
            case .todaysOption: [Double](repeating: Double(step), count: count)
            // What the spot leaves of it.
            case .bookDelta: [Double](repeating: 0, count: count)
            case .bookGamma: clientGammas[step]
            case .bookVega: clientVegas[step]
            default: preconditionFailure("this market has no feature '\(feature)'")
            }
        }
        return DecisionBatch(
            features: FeatureMatrix(names: features, columns: columns), instruments: market.instruments,
            prices: matrix(upTo: step, absent: .nan) { $0.values[step - $1] }, deltas: Matrix(rows: count, columns: steps),
            gammas: matrix(upTo: step) { $0.gammas[step - $1] }, vegas: matrix(upTo: step) { $0.vegas[step - $1] }, holdings: holdings)
    }
}
