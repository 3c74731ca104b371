import Market
import Probability
import RealModule

/// A book fully revalued over moves of the forward, of volatility and of the rate, as venues margin portfolios.
///
/// Every forward moves by the same share, every volatility by the same factor, and the rate r with the spot held moves a forward by
/// e^{rT}. Gains are counted in coin, for those who keep coin, and in quote currency, for those who keep dollars:
///
///     coin   Σ q (v' − v) + Σ N (1 − F/F')         quote   Σ q (V' − V) + Σ N (F' − F) + coins (S' − S)
///
/// v = V/F the coin value of an option, N the coin notional of a future; the perpetual moves as the index S.
public struct ScenarioLadder: Sendable, Equatable {
    /// The moves of a ladder.
    public struct Moves: Sendable, Equatable {
        /// Share of the forward.
        public var forward = [-0.5, -0.33, -0.16, -0.08, -0.04, 0, 0.04, 0.08, 0.16, 0.33, 0.5]
        /// Factors: down, same, up.
        public var volatility = [0.75, 1, 1.5]
        /// Per year.
        public var rate = [-0.02, 0, 0.02]

        public init() {}
    }

    /// What the book gains in one scenario.
    public struct Cell: Sendable, Equatable {
        public var forward: Double
        public var volatility: Double
        public var rate: Double
        /// Coin.
        public var coin: Double
        /// Quote currency.
        public var quote: Double
    }

    public let moves: Moves
    /// By rate, then volatility, then forward.
    public let cells: [Cell]

    public init(_ book: ValuedBook, index: Double, moves: Moves = Moves()) {
        self.moves = moves
        var cells: [Cell] = []
        cells.reserveCapacity(moves.rate.count * moves.volatility.count * moves.forward.count)
        let perpetuals = book.inverseFutures + book.linearUnits - book.coins - book.datedFutures.reduce(0) { $0 + $1.quantity }
        for rate in moves.rate {
            for volatility in moves.volatility {
                for forward in moves.forward {
                    var coin = perpetuals * forward / (1 + forward)
                    var quote = (perpetuals + book.coins) * index * forward
                    for future in book.datedFutures {
                        let growth = (1 + forward) * Double.exp(rate * future.timeToExpiry)
                        coin += future.quantity * (1 - 1 / growth)
                        quote += future.quantity * future.forward * (growth - 1)
                    }
                    cells.append(Cell(forward: forward, volatility: volatility, rate: rate, coin: coin, quote: quote))
                }
            }
        }
        // ln F'/K of an option is ln F/K and the logs of the moves: no logarithm a cell.
        let logs = moves.forward.map { Double.log(1 + $0) }
        for option in book.options {
            let omega = option.contract.kind.sign
            let (strike, start) = (option.contract.strike, -option.logMoneyness)
            let (value, coinValue) = (option.greeks.price, option.greeks.price / option.forward)
            let root = option.timeToExpiry.squareRoot()
            var i = 0
            for rate in moves.rate {
                let carry = rate * option.timeToExpiry
                let grown = option.forward * Double.exp(carry)
                for volatility in moves.volatility {
                    let deviation = option.volatility * volatility * root
                    for (move, log) in zip(moves.forward, logs) {
                        let forward = grown * (1 + move)
                        var price = max(omega * (forward - strike), 0)
                        if deviation > 0 {
                            let h = (start + log + carry) / deviation
                            price =
                                omega
                                * (forward * NormalDistribution.cdf(omega * (h + deviation / 2))
                                    - strike * NormalDistribution.cdf(omega * (h - deviation / 2)))
                        }
                        cells[i].quote += option.quantity * (price - value)
                        cells[i].coin += option.quantity * (price / forward - coinValue)
                        i += 1
                    }
                }
            }
        }
        self.cells = cells
    }

    /// The cell of one place in each list of moves.
    public subscript(forward forward: Int, volatility volatility: Int, rate rate: Int) -> Cell {
        cells[(rate * moves.volatility.count + volatility) * moves.forward.count + forward]
    }

    /// What gains are counted in.
    public enum Unit: Sendable { case coin, quote }

    /// The scenario that loses most in a unit; of equal ones the first.
    public func worst(by unit: Unit) -> Cell {
        var worst = cells[0]
        for cell in cells.dropFirst() where unit == .coin ? cell.coin < worst.coin : cell.quote < worst.quote { worst = cell }
        return worst
    }

    /// The smallest move of the forward to one side at which the gain in coin reaches `gain`, volatility and rate unmoved: linear between
    /// scenarios. nil where the ladder ends before.
    ///
    /// - Parameter side: −1 for falls, +1 for rises.
    public func distance(toGain gain: Double, side: Double) -> Double? {
        guard let same = moves.volatility.firstIndex(of: 1), let level = moves.rate.firstIndex(of: 0) else { return nil }
        let row = moves.forward.indices.map { self[forward: $0, volatility: same, rate: level] }
        let outwards = row.filter { $0.forward * side >= 0 }.sorted { $0.forward.magnitude < $1.forward.magnitude }
        guard let first = outwards.first else { return nil }
        if first.coin <= gain { return first.forward.magnitude }
        for (near, far) in zip(outwards, outwards.dropFirst()) where far.coin <= gain {
            let share = (near.coin - gain) / (near.coin - far.coin)
            return near.forward.magnitude + share * (far.forward.magnitude - near.forward.magnitude)
        }
        return nil
    }
}
