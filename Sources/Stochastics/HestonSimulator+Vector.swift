import Probability
import RealModule
import VectorKernels

/// Whole blocks by vector kernels: the schemes without rejection, where the processor has wide registers.
///
/// Increments are `Float`, from the numbers that `Step.advance` draws; what adds up over time is `Double`. So a path follows the plain
/// version's to a relative 1e-6 or so, and the report of a state (S = e^{ln S}) holds to the last digits of `Double`.
extension HestonSimulator {
    var runsInVectors: Bool { scheme != .exact && VectorUnit.isAvailable }

    func vectorPaths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        let count = range.count
        let padded = (count + 15) & ~15
        let years = grid.timeStep / Double(substeps)
        let tile = HestonTile(
            years: years, meanReversion: meanReversion, longRunVariance: longRunVariance, volatilityOfVariance: volatilityOfVariance,
            correlation: correlation)
        let law = Step(self, years: years).quadraticExponential
        let log = UnsafeMutablePointer<Double>.allocate(capacity: padded)
        let variance = UnsafeMutablePointer<Float>.allocate(capacity: padded)
        let integral = UnsafeMutablePointer<Double>.allocate(capacity: padded)
        let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 4 * padded)
        defer {
            log.deallocate()
            variance.deallocate()
            integral.deallocate()
            words.deallocate()
        }
        log.initialize(repeating: 0, count: padded)
        variance.initialize(repeating: Float(initialVariance), count: padded)
        integral.initialize(repeating: 0, count: padded)
        words.initialize(repeating: 0, count: 4 * padded)
        let state = HestonTile.State(log: log, variance: variance, integral: integral, count: padded)
        var block = PathBlock(start: spot, count: count, variance: initialVariance)
        block.reserve(grid.steps)
        for time in 0..<grid.steps {
            for address in time * substeps..<(time + 1) * substeps {
                // A block's four words are those of two addresses.
                if address % 2 == 0 { stream.fillWords(words, count: padded, firstPath: range.lowerBound, step: address / 2) }
                let first = words + (address % 2) * 2 * padded
                if scheme == .fullTruncation {
                    tile.fullTruncation(state, first: first, second: first + padded)
                } else {
                    tile.quadraticExponential(state, law, first: first, second: first + padded)
                }
            }
            block.append(state, start: Double.log(spot) + drift * grid.time(time + 1), count: count)
        }
        return block
    }
}

extension PathBlock {
    mutating func reserve(_ steps: Int) {
        logSpot.reserveCapacity(steps + 1)
        spot.reserveCapacity(steps + 1)
        variance.reserveCapacity(steps + 1)
        integratedVariance.reserveCapacity(steps + 1)
    }

    mutating func append(_ state: HestonTile.State, start: Double, count: Int) {
        func column(_ fill: (UnsafeMutablePointer<Double>) -> Void) -> [Double] {
            [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
                if let base = buffer.baseAddress { fill(base) }
                initialized = count
            }
        }
        var (logs, variances, integrals): ([Double], [Double], [Double]) = ([], [], [])
        let spots = column { spot in
            logs = column { log in
                variances = column { variance in
                    integrals = column { integral in
                        HestonTile.report(
                            state, start: start, count: count, logSpot: log, spot: spot, variance: variance, integral: integral)
                    }
                }
            }
        }
        logSpot.append(logs)
        spot.append(spots)
        variance.append(variances)
        integratedVariance.append(integrals)
    }
}
