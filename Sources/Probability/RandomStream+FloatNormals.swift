import VectorKernels

extension RandomStream {
    /// The normals of dimensions 2·group and 2·group + 1 of consecutive paths in `Float`, by vector kernels where the processor has them.
    ///
    /// The numbers are those of `fillNormalPairs` to a relative 1e-6, whichever way they are made.
    ///
    /// - Parameters:
    ///   - first, second: `count` numbers each, written.
    public func fillNormalPairs(
        _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, count: Int, firstPath: Int, step: Int, group: Int = 0
    ) {
        if sampling == .antithetic {
            return mirroredRuns(firstPath: firstPath, count: count) { place, source, isMirrored in
                let (one, two) = (first + place.lowerBound, second + place.lowerBound)
                sampled(.independent).fillNormalPairs(one, two, count: place.count, firstPath: source, step: step, group: group)
                guard isMirrored else { return }
                for i in 0..<place.count { (one[i], two[i]) = (-one[i], -two[i]) }
            }
        }
        let whole = VectorUnit.isAvailable && sampling == .independent ? count & ~15 : 0
        if whole > 0 {
            NormalTile.fill(
                first, second, count: whole, firstPath: UInt32(truncatingIfNeeded: firstPath), step: UInt32(truncatingIfNeeded: step),
                group: UInt32(truncatingIfNeeded: group), tag: tag, key: key)
        }
        for i in whole..<count {
            let (one, two) = normalPair(path: firstPath + i, step: step, group: group)
            first[i] = Float(one)
            second[i] = Float(two)
        }
    }
}
