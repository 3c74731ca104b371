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

    /// out[i] = normal(path: firstPath + i, step:, dimension:) to the last bit, several times faster than one by one.
    public func fillNormals(_ out: UnsafeMutableBufferPointer<Double>, firstPath: Int, step: Int, dimension: Int = 0) {
        fillUniforms(out, firstPath: firstPath, step: step, dimension: dimension)
        NormalDistribution.replaceByQuantiles(out)
    }

    /// The normals of dimensions 2·group and 2·group + 1 of consecutive paths: two columns for the price of one pass over Philox.
    public func fillNormalPairs(
        _ first: UnsafeMutableBufferPointer<Double>, _ second: UnsafeMutableBufferPointer<Double>, firstPath: Int, step: Int, group: Int = 0
    ) {
        fillUniformPairs(first, second, firstPath: firstPath, step: step, group: group)
        NormalDistribution.replaceByQuantiles(first)
        NormalDistribution.replaceByQuantiles(second)
    }

    /// out[i] = uniform(path: firstPath + i, step:, dimension:).
    public func fillUniforms(_ out: UnsafeMutableBufferPointer<Double>, firstPath: Int, step: Int, dimension: Int = 0) {
        switch sampling {
        case .independent: break
        case .antithetic:
            return mirroredRuns(firstPath: firstPath, count: out.count) { place, source, isMirrored in
                let part = UnsafeMutableBufferPointer(rebasing: out[place])
                sampled(.independent).fillUniforms(part, firstPath: source, step: step, dimension: dimension)
                if isMirrored { for i in part.indices { part[i] = 1 - part[i] } }
            }
        case .sobol:
            for i in out.indices { out[i] = uniform(path: firstPath + i, step: step, dimension: dimension) }
            return
        }
        let low = dimension % 2 == 0
        let whole = out.count & ~3
        for i in stride(from: 0, to: whole, by: 4) {
            let (c0, c1, c2, c3) = fourBlocks(firstPath: firstPath + i, step: step, group: dimension / 2)
            let uniforms = low ? Self.uniforms(c0, c1) : Self.uniforms(c2, c3)
            for lane in 0..<4 { out[i + lane] = uniforms[lane] }
        }
        for i in whole..<out.count { out[i] = uniform(path: firstPath + i, step: step, dimension: dimension) }
    }

    /// The uniforms of dimensions 2·group and 2·group + 1 of consecutive paths.
    public func fillUniformPairs(
        _ first: UnsafeMutableBufferPointer<Double>, _ second: UnsafeMutableBufferPointer<Double>, firstPath: Int, step: Int, group: Int = 0
    ) {
        precondition(first.count == second.count, "columns of \(first.count) and \(second.count) paths")
        guard sampling == .independent else {
            fillUniforms(first, firstPath: firstPath, step: step, dimension: 2 * group)
            return fillUniforms(second, firstPath: firstPath, step: step, dimension: 2 * group + 1)
        }
        let whole = first.count & ~3
        for i in stride(from: 0, to: whole, by: 4) {
            let (c0, c1, c2, c3) = fourBlocks(firstPath: firstPath + i, step: step, group: group)
            let (one, two) = (Self.uniforms(c0, c1), Self.uniforms(c2, c3))
            for lane in 0..<4 {
                first[i + lane] = one[lane]
                second[i + lane] = two[lane]
            }
        }
        for i in whole..<first.count { (first[i], second[i]) = uniformPair(path: firstPath + i, step: step, group: group) }
    }

    /// `words` of four consecutive paths side by side, each word in the low half of its lane.
    @inline(__always)
    private func fourBlocks(
        firstPath: Int, step: Int, group: Int
    ) -> (SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>) {
        let mask = SIMD4<UInt64>(repeating: 0xFFFF_FFFF)
        let path = UInt64(truncatingIfNeeded: firstPath)
        var c0 = SIMD4(path, path &+ 1, path &+ 2, path &+ 3) & mask
        var c1 = SIMD4(repeating: UInt64(UInt32(truncatingIfNeeded: step)))
        var c2 = SIMD4(repeating: UInt64(UInt32(truncatingIfNeeded: group)))
        var c3 = SIMD4(repeating: UInt64(tag))
        var (k0, k1) = (key.x, key.y)
        for _ in 0..<10 {
            // Both factors are below 2^32, which the masks tell the compiler: one widening multiplication, no 64-bit product.
            let low = (c0 & mask) &* SIMD4(repeating: 0xD251_1F53)
            let high = (c2 & mask) &* SIMD4(repeating: 0xCD9E_8D57)
            c0 = (high &>> 32) ^ c1 ^ SIMD4(repeating: UInt64(k0))
            c1 = high & mask
            c2 = (low &>> 32) ^ c3 ^ SIMD4(repeating: UInt64(k1))
            c3 = low & mask
            k0 = k0 &+ 0x9E37_79B9
            k1 = k1 &+ 0xBB67_AE85
        }
        return (c0, c1, c2, c3)
    }

    /// (k + 1/2) 2^-52 without a conversion: the 52 bits become the fraction of a number in [1, 2), whose distance to 1 - 2^-53 is it.
    @inline(__always)
    private static func uniforms(_ high: SIMD4<UInt64>, _ low: SIMD4<UInt64>) -> SIMD4<Double> {
        let bits = ((high &<< 20) | (low &>> 12)) | SIMD4(repeating: 0x3FF0_0000_0000_0000)
        return unsafeBitCast(bits, to: SIMD4<Double>.self) - SIMD4(repeating: 1 - 0x1p-53)
    }
}

extension NormalDistribution {
    /// x[i] ← quantile(x[i]). The central case goes over the whole block first, in vector registers; the 15 % of the tails follow.
    static func replaceByQuantiles(_ x: UnsafeMutableBufferPointer<Double>) {
        let block = 256
        withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { saved in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: block) { tails in
                var start = 0
                while start < x.count {
                    let count = min(block, x.count - start)
                    let part = x.baseAddress! + start
                    let kept = saved.baseAddress!
                    var found = 0
                    for i in 0..<count {
                        kept[i] = part[i]
                        tails[found] = Int32(truncatingIfNeeded: i)  // overwritten unless i is in a tail; found <= i
                        found += (part[i] - 0.5).magnitude <= centralHalfWidth ? 0 : 1
                    }
                    for i in 0..<count { part[i] = centralQuantile(kept[i] - 0.5) }
                    for k in 0..<found { part[Int(tails[k])] = tailQuantile(kept[Int(tails[k])]) }
                    start += count
                }
            }
        }
    }
}
