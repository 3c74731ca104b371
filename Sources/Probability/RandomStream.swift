/// Random numbers addressed by (path, step, dimension): the same address gives the same number, whatever the block
/// size, the order or the thread that asks.
public struct RandomStream: Sendable, Equatable {
    /// What a stream is for. Streams of one seed and different purposes are independent.
    public enum Purpose: UInt32, Sendable, CaseIterable, Codable {
        case weights = 1, shuffle, trainingPaths, validationPaths, evaluationPaths, bootstrap, data
    }

    @usableFromInline let key: SIMD2<UInt32>
    @usableFromInline let tag: UInt32
    /// How its paths lie to one another.
    public let sampling: Sampling

    /// - Parameter epoch: A further index, so that each epoch of training draws fresh paths.
    public init(seed: UInt64, purpose: Purpose, epoch: Int = 0) {
        // The seed is the key; purpose and epoch share the counter's last word: 8 bits and 24 bits.
        precondition((0..<1 << 24).contains(epoch), "epoch \(epoch) is outside 0..<2^24")
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        tag = purpose.rawValue << 24 | UInt32(epoch)
        sampling = .independent
    }

    /// The stream of that index beside this one: same seed and purpose, other numbers.
    public func numbered(_ index: Int) -> RandomStream {
        precondition((0..<1 << 24).contains(index), "index \(index) is outside 0..<2^24")
        return RandomStream(key: key, tag: tag & 0xFF00_0000 | UInt32(index), sampling: sampling)
    }

    init(key: SIMD2<UInt32>, tag: UInt32, sampling: Sampling) {
        self.key = key
        self.tag = tag
        self.sampling = sampling
    }

    /// Four words for one path, step and group of four dimensions.
    @inlinable
    public func words(path: Int, step: Int, group: Int = 0) -> SIMD4<UInt32> {
        sampling == .independent
            ? independentWords(path: path, step: step, group: group) : dependentWords(path: path, step: step, group: group)
    }

    /// The words that belong to the address alone.
    @inlinable
    func independentWords(path: Int, step: Int, group: Int) -> SIMD4<UInt32> {
        Philox.words(
            counter: SIMD4(UInt32(truncatingIfNeeded: path), UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: group), tag),
            key: key)
    }

    /// A uniform number in the open interval (0, 1), 52 bits.
    @inlinable
    public func uniform(path: Int, step: Int, dimension: Int = 0) -> Double {
        let words = words(path: path, step: step, group: dimension / 2)
        return dimension % 2 == 0 ? Self.uniform(words.x, words.y) : Self.uniform(words.z, words.w)
    }

    /// A standard normal number.
    @inlinable
    public func normal(path: Int, step: Int, dimension: Int = 0) -> Double {
        NormalDistribution.quantile(uniform(path: path, step: step, dimension: dimension))
    }

    /// (k + 1/2) 2^-52: never 0, never 1.
    @inlinable
    static func uniform(_ high: UInt32, _ low: UInt32) -> Double {
        let bits = (UInt64(high) << 32 | UInt64(low)) >> 12
        return (Double(bits) + 0.5) * 0x1p-52
    }
}
