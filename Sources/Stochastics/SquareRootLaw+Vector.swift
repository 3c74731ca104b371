import Probability
import VectorKernels

extension SquareRootLaw {
    /// Memory for draws of many paths at once.
    struct Workspace {
        /// v', the result.
        let variances: UnsafeMutablePointer<Float>
        fileprivate let shapes: UnsafeMutablePointer<Float>
        fileprivate let excess: UnsafeMutablePointer<Float>
        fileprivate let words: UnsafeMutablePointer<UInt32>
        private let floats: UnsafeMutablePointer<Float>

        init(paths count: Int) {
            floats = .allocate(capacity: 3 * count)
            floats.initialize(repeating: 0, count: 3 * count)
            words = .allocate(capacity: 4 * count)
            words.initialize(repeating: 0, count: 4 * count)
            (variances, shapes, excess) = (floats, floats + count, floats + 2 * count)
        }

        func deallocate() {
            floats.deallocate()
            words.deallocate()
        }
    }

    /// Sets `memory.variances` to draws of v' for many paths by vector kernels: `draw` in `Float`, from the same random numbers.
    ///
    /// A path follows `draw` to some 1e-6 of c, but where rounding turns a rejection or moves a Poisson number by one, a few times in
    /// a million draws. The few per cent that the first try rejects go on by `draw`'s own road.
    ///
    /// - Parameters:
    ///   - before: v, not negative.
    ///   - uniforms: Words of the first random numbers.
    ///   - count: A multiple of 16.
    func draw(
        from before: UnsafePointer<Float>, uniforms: UnsafePointer<UInt32>, count: Int, firstPath: Int, address: Int, stream: RandomStream,
        memory: Workspace
    ) {
        let (values, shapes, excess, words) = (memory.variances, memory.shapes, memory.excess, memory.words)
        let isShifted = degrees > 1
        if isShifted {
            shapes.update(repeating: Float((degrees - 1) / 2), count: count)
        } else {
            let factor = Float(decay / scale / 2)
            for i in 0..<count { shapes[i] = factor * before[i] }
            GammaTile.poisson(means: shapes, words: uniforms, count: count, to: shapes)
            let half = Float(degrees / 2)
            for i in 0..<count { shapes[i] += half }
        }
        stream.fillWords(words, count: count, firstPath: firstPath, step: address, group: 1)
        GammaTile.gamma(shapes: shapes, first: words, second: words + 2 * count, count: count, to: values, excess: excess)
        var least = shapes[0]
        for i in 1..<count { least = min(least, shapes[i]) }
        if least < 1 {
            stream.fillWords(words, count: count, firstPath: firstPath, step: address, group: 2)
            GammaTile.lower(values, shapes: shapes, words: words, count: count)
        }
        for i in 0..<count where excess[i] >= 0 && shapes[i] > 0 {
            values[i] = Float(
                RandomVariates.gamma(shape: Double(shapes[i]), path: firstPath + i, address: address, stream: stream, fromGroup: 2))
        }
        let scale = Float(scale)
        guard isShifted else {
            for i in 0..<count { values[i] *= 2 * scale }
            return
        }
        HestonTile.addSquares(values, before: before, factor: Float(decay / self.scale), scale: scale, words: uniforms, count: count)
    }
}
