import LinearAlgebra
import Probability

/// Which paths an epoch trains on, cut into blocks.
///
/// Simulated: epoch e takes paths e·N..<(e+1)·N. Recorded: the blocks are read once and kept; an epoch takes the next
/// ones of a cycle whose order is shuffled anew on every round.
struct TrainingBlocks: Sendable {
    private let market: any HedgingMarket
    private let policy: HedgePolicy
    private let blockSize: Int
    private let paths: Int
    private let seed: UInt64
    private let recorded: [PolicyBlock]?

    init(_ market: any HedgingMarket, policy: HedgePolicy, settings: DeepHedgeTrainer) {
        self.market = market
        self.policy = policy
        blockSize = settings.blockSize
        paths = settings.paths
        seed = settings.seed
        guard let count = market.recordedPaths else {
            recorded = nil
            return
        }
        let size = blockSize
        recorded = stride(from: 0, to: count, by: size).map { start in
            Self.read(start..<min(start + size, count), market: market, policy: policy)
        }
    }

    private static func read(_ range: Range<Int>, market: any HedgingMarket, policy: HedgePolicy) -> PolicyBlock {
        PolicyBlock(market.paths(range, features: policy.inputs), policy: policy, instruments: market.instruments)
    }

    /// Where a block of an epoch comes from: the n-th recorded one, or a range of simulated paths.
    private enum Index: Sendable {
        case recorded(Int)
        case simulated(Range<Int>)
    }

    private func indices(epoch: Int) -> [Index] {
        guard let recorded else {
            let first = epoch * paths
            return stride(from: first, to: first + paths, by: blockSize).map {
                .simulated($0..<min($0 + blockSize, first + paths))
            }
        }
        let count = min((paths + blockSize - 1) / blockSize, recorded.count)
        let first = epoch * count / recorded.count
        let last = ((epoch + 1) * count - 1) / recorded.count
        let orders = (first...last).map { order(round: $0, count: recorded.count) }
        return (epoch * count..<(epoch + 1) * count).map { .recorded(orders[$0 / recorded.count - first][$0 % recorded.count]) }
    }

    /// The blocks of one epoch.
    func blocks(epoch: Int, workers: Workers) -> [PolicyBlock] {
        let indices = indices(epoch: epoch)
        return workers.map(count: indices.count) { block(indices[$0]) }
    }

    private func order(round: Int, count: Int) -> [Int] {
        let stream = RandomStream(seed: seed, purpose: .shuffle, epoch: round)
        let keys = (0..<count).map { stream.uniform(path: $0, step: 0) }
        return (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
    }

    private func block(_ index: Index) -> PolicyBlock {
        switch index {
        case .recorded(let n): recorded?[n] ?? Self.read(0..<0, market: market, policy: policy)
        case .simulated(let range): Self.read(range, market: market, policy: policy)
        }
    }

    /// The first `limit` paths, all recorded ones where there are no more: for validation.
    func all(upTo limit: Int, workers: Workers) -> [PolicyBlock] {
        if let recorded { return recorded }
        let size = blockSize
        let starts = Array(stride(from: 0, to: limit, by: size))
        return workers.map(count: starts.count) { block(.simulated(starts[$0]..<min(starts[$0] + size, limit))) }
    }
}
