public import VectorKernels

extension RandomStream {
    /// The four words of one block for each of consecutive paths: word k of path i at k·count + i. By vector kernels where the processor
    /// has them.
    ///
    /// - Parameter words: 4·count numbers, written.
    public func fillWords(_ words: UnsafeMutablePointer<UInt32>, count: Int, firstPath: Int, step: Int, group: Int = 0) {
        if VectorUnit.isAvailable, sampling == .independent, count % 16 == 0 {
            WordTile.fill(
                words, count: count, firstPath: UInt32(truncatingIfNeeded: firstPath), step: UInt32(truncatingIfNeeded: step),
                group: UInt32(truncatingIfNeeded: group), tag: tag, key: key)
            return
        }
        for i in 0..<count {
            let four = self.words(path: firstPath + i, step: step, group: group)
            for k in 0..<4 { words[k * count + i] = four[k] }
        }
    }

    /// What draws the words of `group` in vector kernels; nil where only `words` can.
    public func wordSource(group: Int = 0) -> WordTile.Source? {
        guard VectorUnit.isAvailable, sampling == .independent else { return nil }
        return WordTile.Source(key: key, tag: tag, group: UInt32(truncatingIfNeeded: group))
    }
}
