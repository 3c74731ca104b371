/// How the paths of a stream lie to one another. Each path by itself has the same law in all.
public enum Sampling: String, Sendable, Codable, CaseIterable {
    case independent
    /// Path p + 64 is path p with every uniform u replaced by 1 − u, in runs of 128 paths. For what rises or falls with the path: a
    /// hedged loss is much the same on both, and better drawn otherwise.
    case antithetic
    /// The first 64 numbers of a path are a scrambled Sobol point's, scrambled anew every 4096 paths; further ones are independent.
    case sobol

    /// Paths after which nothing depends on what was before: means over so many are independent of one another.
    public var run: Int {
        switch self {
        case .independent: 1
        case .antithetic: 2 * RandomStream.mirrored
        case .sobol: SobolSequence.run
        }
    }
}

extension RandomStream {
    /// Distance from a path to its mirror image.
    static let mirrored = 64

    /// The same stream, its paths drawn that way.
    public func sampled(_ sampling: Sampling) -> RandomStream { RandomStream(key: key, tag: tag, sampling: sampling) }

    /// The words of a path that depends on others.
    @usableFromInline
    func dependentWords(path: Int, step: Int, group: Int) -> SIMD4<UInt32> {
        switch sampling {
        case .independent: return independentWords(path: path, step: step, group: group)
        case .antithetic:
            let words = independentWords(path: path & ~Self.mirrored, step: step, group: group)
            return path & Self.mirrored == 0 ? words : ~words
        case .sobol:
            var words = independentWords(path: path, step: step, group: group)
            // Two coordinates an address, the upper words of its two numbers. Numbered streams have none: theirs would be the same points.
            guard group == 0, tag & 0xFF_FFFF == 0, 2 * step + 1 < SobolSequence.coordinates else { return words }
            let seeds = Philox.words(
                counter: SIMD4(UInt32(truncatingIfNeeded: path / SobolSequence.run), UInt32(truncatingIfNeeded: step), 0xFFFF_FFFF, tag),
                key: key)
            let index = path % SobolSequence.run
            words.x = SobolSequence.word(index, coordinate: 2 * step, seed: seeds.x)
            words.z = SobolSequence.word(index, coordinate: 2 * step + 1, seed: seeds.y)
            return words
        }
    }

    /// A range of paths as runs that are mirror images as a whole or not at all: where each is in the range, and the path it begins with.
    func mirroredRuns(firstPath: Int, count: Int, _ body: (_ place: Range<Int>, _ source: Int, _ isMirrored: Bool) -> Void) {
        var start = 0
        while start < count {
            let path = firstPath + start
            let end = min(start + Self.mirrored - path % Self.mirrored, count)
            body(start..<end, path & ~Self.mirrored, path & Self.mirrored != 0)
            start = end
        }
    }
}
