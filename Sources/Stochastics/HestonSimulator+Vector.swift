import Probability
import RealModule
import VectorKernels

/// Whole blocks by vector kernels, where the processor has wide registers.
///
/// Increments are `Float`, from the numbers that `Step.advance` draws; what adds up over time is `Double` in a block and `Float` in a
/// tile. So a path follows the plain version's to a relative 1e-6 or so, and the report of a block's state (S = e^{ln S}) holds to the
/// last digits of `Double`.
extension HestonSimulator {
    /// The kernel of full truncation always has the price's own noise.
    var runsInVectors: Bool { VectorUnit.isAvailable && (hasOwnNoise || scheme != .fullTruncation) }

    func vectorPaths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        let count = range.count
        let padded = (count + 15) & ~15
        let motion = Motion(self, on: grid, paths: padded)
        defer { motion.deallocate() }
        let log = UnsafeMutablePointer<Double>.allocate(capacity: padded)
        let variance = UnsafeMutablePointer<Float>.allocate(capacity: padded)
        let integral = UnsafeMutablePointer<Double>.allocate(capacity: padded)
        defer {
            log.deallocate()
            variance.deallocate()
            integral.deallocate()
        }
        log.initialize(repeating: 0, count: padded)
        variance.initialize(repeating: Float(initialVariance), count: padded)
        integral.initialize(repeating: 0, count: padded)
        let state = HestonTile.State(log: log, variance: variance, integral: integral, count: padded)
        var block = PathBlock(start: spot, count: count, variance: initialVariance)
        block.reserve(grid.steps)
        for time in 0..<grid.steps {
            for address in time * substeps..<(time + 1) * substeps {
                let (scheme, words) = motion.prepare(
                    address, from: variance, count: padded, firstPath: range.lowerBound, stream: stream)
                motion.tile.step(state, scheme, first: words, second: words + padded)
            }
            block.append(state, start: Double.log(spot) + drift * grid.time(time + 1), count: count)
        }
        return block
    }

    /// How the variance moves through the parts of a step, and the random numbers it moves by.
    private struct Motion {
        let tile: HestonTile
        private let scheme: HestonTile.Scheme
        private let words: UnsafeMutablePointer<UInt32>
        /// What exact draws need.
        private let exact: (law: SquareRootLaw, memory: SquareRootLaw.Workspace)?

        init(_ model: HestonSimulator, on grid: TimeGrid, paths count: Int) {
            words = .allocate(capacity: 4 * count)
            words.initialize(repeating: 0, count: 4 * count)
            let (tile, scheme) = model.kernel(on: grid)
            self.tile = tile
            if model.scheme == .exact {
                let step = Step(model, years: grid.timeStep / Double(model.substeps))
                let memory = SquareRootLaw.Workspace(paths: count)
                (self.scheme, exact) = (.drawn(step.drawn(memory.variances)), (step.law, memory))
            } else {
                (self.scheme, exact) = (scheme, nil)
            }
        }

        func deallocate() {
            words.deallocate()
            exact?.memory.deallocate()
        }

        /// What moves the variances at an address: the scheme, and words of the spot's normal numbers before those of the variance.
        /// Addresses follow one another.
        func prepare(
            _ address: Int, from variances: UnsafePointer<Float>, count: Int, firstPath: Int, stream: RandomStream
        ) -> (HestonTile.Scheme, UnsafePointer<UInt32>) {
            guard let exact else {
                // A block's four words are those of two addresses.
                if address % 2 == 0 { stream.fillWords(words, count: count, firstPath: firstPath, step: address / 2) }
                return (scheme, UnsafePointer(words + (address % 2) * 2 * count))
            }
            stream.fillWords(words, count: count, firstPath: firstPath, step: address)
            exact.law.draw(
                from: variances, uniforms: words + 2 * count, count: count, firstPath: firstPath, address: address, stream: stream,
                memory: exact.memory)
            return (scheme, UnsafePointer(words))
        }
    }

    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        guard runsInVectors, tile.count % 16 == 0, let variance = tile.variance else {
            return fillFromBlock(tile, firstPath: firstPath, on: grid, stream: stream)
        }
        let source = scheme == .exact ? nil : stream.wordSource()
        let motion = source == nil ? Motion(self, on: grid, paths: min(Self.pathsAtOnce, tile.count)) : nil
        defer { motion?.deallocate() }
        let (part, moves) = kernel(on: grid)
        let drift = Float(drift * grid.timeStep / Double(substeps))
        // 1024 bytes each lie on the stack.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { carried in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { sums in
                for start in stride(from: 0, to: tile.count, by: Self.pathsAtOnce) {
                    let count = min(Self.pathsAtOnce, tile.count - start)
                    let rows = HestonTile.Rows(
                        log: tile.logReturns + start, variance: variance + start,
                        integral: tile.integratedVariance.map { $0 + start } ?? sums.baseAddress!, carried: carried.baseAddress!,
                        count: count, stride: tile.stride, integralStride: tile.integratedVariance == nil ? 0 : tile.stride)
                    rows.begin(variance: Float(initialVariance))
                    if let source {
                        part.fill(
                            rows, steps: grid.steps, substeps: substeps, drift: drift, moves, from: source,
                            firstPath: UInt32(truncatingIfNeeded: firstPath + start))
                    } else if let motion {
                        step(rows, by: motion, firstPath: firstPath + start, on: grid, drift: drift, stream: stream)
                    }
                }
            }
        }
    }

    /// Paths that go through all steps together: what is carried between them stays in the nearest cache.
    private static let pathsAtOnce = 256

    /// Step by step, where words or variances must be drawn beforehand.
    private func step(
        _ rows: HestonTile.Rows, by motion: Motion, firstPath: Int, on grid: TimeGrid, drift: Float, stream: RandomStream
    ) {
        for address in 0..<grid.steps * substeps {
            let (scheme, words) = motion.prepare(address, from: rows.carried, count: rows.count, firstPath: firstPath, stream: stream)
            // The parts of a step after its first go on from where it is going.
            let now = address / substeps + 1
            motion.tile.step(
                rows, from: address % substeps == 0 ? now - 1 : now, to: now, drift: drift, scheme, first: words,
                second: words + rows.count)
        }
    }

    /// One part of a step, and how the variance moves in it where it is not drawn beforehand.
    private func kernel(on grid: TimeGrid) -> (HestonTile, HestonTile.Scheme) {
        let years = grid.timeStep / Double(substeps)
        let tile = HestonTile(
            years: years, meanReversion: meanReversion, longRunVariance: longRunVariance, volatilityOfVariance: volatilityOfVariance,
            correlation: correlation)
        guard scheme == .quadraticExponential else { return (tile, .fullTruncation) }
        return (tile, .quadraticExponential(Step(self, years: years).quadraticExponential))
    }
}

extension HestonSimulator {
    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream, noise: UnsafePointer<Float>) {
        let rest = withoutOwnNoise
        guard rest.runsInVectors, substeps == 1, tile.count % 16 == 0, let variance = tile.variance else {
            return fillFromBlock(tile, firstPath: firstPath, on: grid, stream: stream, noise: noise)
        }
        rest.fill(tile, firstPath: firstPath, on: grid, stream: stream)
        let (count, stride) = (tile.count, tile.stride)
        let spread = Float(grid.timeStep / 2 * (1 - correlation * correlation))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { sums in
            sums.initialize(repeating: 0)
            for step in 0..<grid.steps {
                let (before, now, row) = (variance + step * stride, variance + (step + 1) * stride, tile.row(step + 1))
                let normals = noise + step * count
                for i in 0..<count { sums[i] += (spread * (before[i] + now[i])).squareRoot() * normals[i] }
                for i in 0..<count { row[i] += sums[i] }
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
