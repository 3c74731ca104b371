extension RandomStream {
    /// The standard normal numbers of dimensions 2·group and 2·group + 1, for the price of one Philox block.
    @inlinable
    public func normalPair(path: Int, step: Int, group: Int = 0) -> (Double, Double) {
        let words = words(path: path, step: step, group: group)
        return (
            NormalDistribution.quantile(Self.uniform(words.x, words.y)), NormalDistribution.quantile(Self.uniform(words.z, words.w))
        )
    }

    /// The uniform numbers of dimensions 2·group and 2·group + 1.
    @inlinable
    public func uniformPair(path: Int, step: Int, group: Int = 0) -> (Double, Double) {
        let words = words(path: path, step: step, group: group)
        return (Self.uniform(words.x, words.y), Self.uniform(words.z, words.w))
    }
}
