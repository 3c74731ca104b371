import LinearAlgebra
import Probability

/// The paths of one pass over a market, in tiles: a range of a simulated one, or chosen tiles of a recorded one.
enum PolicyPaths {
    /// Made when a worker comes to them, so that a million take no more memory than a thousand.
    case simulated(any HedgingMarket, Range<Int>)
    /// Kept in memory.
    case recorded([PolicyBlock])

    var count: Int {
        switch self {
        case .simulated(_, let range): range.count
        case .recorded(let tiles): tiles.reduce(0) { $0 + $1.count }
        }
    }

    var tileCount: Int {
        switch self {
        case .simulated(_, let range): (range.count + PolicyBlock.samples - 1) / PolicyBlock.samples
        case .recorded(let tiles): tiles.count
        }
    }

    /// Where each tile's first path is among all; the last number is `count`.
    var starts: [Int] {
        switch self {
        case .simulated: (0...tileCount).map { min($0 * PolicyBlock.samples, count) }
        case .recorded(let tiles): tiles.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        }
    }

    /// What fills tiles straight from a simulator, one at a time then, so that it is still near when the network reads it; nil where tiles
    /// are kept or come by the common seam.
    func filler(_ policy: HedgePolicy) -> TileFiller? {
        guard case .simulated(let market, _) = self else { return nil }
        return TileFiller(market, policy)
    }

    /// The tiles of `range`: those kept, or the first of `buffers`, filled.
    ///
    /// - Parameter straight: What fills them and a worker's memory for it; nil for the common seam.
    func tiles(
        _ range: Range<Int>, policy: HedgePolicy, buffers: [PolicyBlock], straight: (filler: TileFiller, memory: TileMemory)?
    ) -> ArraySlice<PolicyBlock> {
        switch self {
        case .recorded(let tiles): return tiles[range]
        case .simulated(let market, let paths):
            let first = paths.lowerBound + range.lowerBound * PolicyBlock.samples
            let last = min(paths.lowerBound + range.upperBound * PolicyBlock.samples, paths.upperBound)
            let chosen = buffers.prefix(range.count)
            if let (filler, memory) = straight {
                for (k, tile) in chosen.enumerated() {
                    let start = first + k * PolicyBlock.samples
                    filler.fill(tile, paths: start..<min(start + PolicyBlock.samples, last), memory: memory)
                }
            } else {
                PolicyBlock.fill(
                    Array(chosen), from: market.paths(first..<last, features: policy.inputs), policy: policy,
                    instruments: market.instruments)
            }
            return chosen
        }
    }
}

/// Which paths each update trains on.
///
/// Simulated: update u takes paths u·N..<(u+1)·N. Recorded: the tiles are read once and kept; an update takes the next
/// ones of a cycle whose order is shuffled anew on every round.
struct TrainingPaths {
    private let market: any HedgingMarket
    /// N.
    private let paths: Int
    private let seed: UInt64
    private let recorded: [PolicyBlock]?

    init(_ market: any HedgingMarket, policy: HedgePolicy, settings: DeepHedgeTrainer, workers: Workers) {
        self.market = market
        paths = settings.batch ?? settings.paths
        seed = settings.seed
        recorded = market.recordedPaths.map { count in
            let size = settings.tilesAtOnce * PolicyBlock.samples
            let starts = Array(stride(from: 0, to: count, by: size))
            nonisolated(unsafe) var read = [[PolicyBlock]](repeating: [], count: starts.count)
            read.withUnsafeMutableBufferPointer {
                nonisolated(unsafe) let read = $0
                _ = workers.map(count: starts.count) { index in
                    let paths = market.paths(starts[index]..<min(starts[index] + size, count), features: policy.inputs)
                    let tiles = stride(from: 0, to: paths.count, by: PolicyBlock.samples).map { _ in
                        PolicyBlock(policy, steps: paths.steps)
                    }
                    PolicyBlock.fill(tiles, from: paths, policy: policy, instruments: market.instruments)
                    read[index] = tiles
                }
            }
            return read.flatMap { $0 }
        }
    }

    func update(_ update: Int) -> PolicyPaths {
        guard let recorded else { return .simulated(market, update * paths..<(update + 1) * paths) }
        guard !recorded.isEmpty else { return .recorded([]) }
        let count = min((paths + PolicyBlock.samples - 1) / PolicyBlock.samples, recorded.count)
        let first = update * count / recorded.count
        let last = ((update + 1) * count - 1) / recorded.count
        let orders = (first...last).map { order(round: $0, count: recorded.count) }
        return .recorded((update * count..<(update + 1) * count).map { recorded[orders[$0 / recorded.count - first][$0 % recorded.count]] })
    }

    private func order(round: Int, count: Int) -> [Int] {
        let stream = RandomStream(seed: seed, purpose: .shuffle, epoch: round)
        let keys = (0..<count).map { stream.uniform(path: $0, step: 0) }
        return (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
    }

    /// The first `limit` paths, all recorded ones whatever their number: for validation.
    func all(upTo limit: Int) -> PolicyPaths {
        recorded.map { .recorded($0) } ?? .simulated(market, 0..<limit)
    }
}
