import Probability
import RealModule
import VectorKernels

/// Whole blocks by vector kernels: the schemes without rejection, where the processor has wide registers.
///
/// Increments are `Float`, from the numbers that `Step.advance` draws; what adds up over time is `Double` in a block and `Float` in a
/// tile. So a path follows the plain version's to a relative 1e-6 or so, and the report of a block's state (S = e^{ln S}) holds to the
/// last digits of `Double`.
extension HestonSimulator {
    var runsInVectors: Bool { scheme != .exact && VectorUnit.isAvailable }

    func vectorPaths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        let count = range.count
        let padded = (count + 15) & ~15
        let (tile, scheme) = kernel(on: grid)
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
                tile.step(state, scheme, first: first, second: first + padded)
            }
            block.append(state, start: Double.log(spot) + drift * grid.time(time + 1), count: count)
        }
        return block
    }

    /// The constants of one part of a step, as the kernels take them.
    private func kernel(on grid: TimeGrid) -> (tile: HestonTile, scheme: HestonTile.Scheme) {
        let years = grid.timeStep / Double(substeps)
        let tile = HestonTile(
            years: years, meanReversion: meanReversion, longRunVariance: longRunVariance, volatilityOfVariance: volatilityOfVariance,
            correlation: correlation)
        return (tile, scheme == .fullTruncation ? .fullTruncation : .quadraticExponential(Step(self, years: years).quadraticExponential))
    }

    /// Paths that go through all steps together: what is carried between them stays in the nearest cache.
    private static let pathsAtOnce = 256

    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        guard runsInVectors, tile.count % 16 == 0, let variance = tile.variance else {
            return fillFromBlock(tile, firstPath: firstPath, on: grid, stream: stream)
        }
        let (kernel, scheme) = kernel(on: grid)
        let drift = Float(drift * grid.timeStep / Double(substeps))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * Self.pathsAtOnce) { scratch in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4 * Self.pathsAtOnce) { words in
                let (carried, words) = (scratch.baseAddress!, words.baseAddress!)
                let sums = carried + Self.pathsAtOnce
                for start in stride(from: 0, to: tile.count, by: Self.pathsAtOnce) {
                    let count = min(Self.pathsAtOnce, tile.count - start)
                    let rows = HestonTile.Rows(
                        log: tile.logReturns + start, variance: variance + start,
                        integral: tile.integratedVariance.map { $0 + start } ?? sums, carried: carried, count: count,
                        stride: tile.stride, integralStride: tile.integratedVariance == nil ? 0 : tile.stride)
                    rows.begin(variance: Float(initialVariance))
                    for address in 0..<grid.steps * substeps {
                        if address % 2 == 0 {
                            stream.fillWords(words, count: count, firstPath: firstPath + start, step: address / 2)
                        }
                        let first = words + (address % 2) * 2 * count
                        // The parts of a step after its first go on from where it is going.
                        let now = address / substeps + 1
                        kernel.step(
                            rows, from: address % substeps == 0 ? now - 1 : now, to: now, drift: drift, scheme, first: first,
                            second: first + count)
                    }
                }
            }
        }
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
