import Testing
import VectorKernels

@Suite(.enabled(if: VectorUnit.isAvailable)) struct HoldingTileTests {
    /// Rows of 64 numbers whose signs are mixed; every fifth holding is the one before.
    private func row(_ seed: Float) -> [Float] { (0..<64).map { 0.1 + (Float($0) * 0.37 + seed).truncatingRemainder(dividingBy: 1.9) } }

    @Test("losses and gradients are the plain loop's to the last bit")
    func plain() {
        let previous = row(0.1)
        let next = row(0.7).enumerated().map { $0.offset % 5 == 0 ? previous[$0.offset] : $0.element - 0.8 }
        let (gains, buying, selling, weights) = (row(0.3).map { $0 - 1 }, row(1.1), row(1.7), row(0.9))
        var losses = (0..<64).map { Double($0) }
        var current = row(0.2)
        var earlier = [Float](repeating: .nan, count: 64)
        HoldingTile.addLosses(&losses, previous: previous, next: next, gains: gains, buying: buying, selling: selling)
        HoldingTile.addGradient(
            previous: previous, next: next, gains: gains, buying: buying, selling: selling, weights: weights, current: &current,
            earlier: &earlier)
        let before = row(0.2)
        for i in 0..<64 {
            let trade = next[i] - previous[i]
            let cost = trade > 0 ? buying[i] * trade : -selling[i] * trade
            let marginal = trade > 0 ? buying[i] : trade < 0 ? -selling[i] : 0
            #expect(losses[i] == Double(i) + Double(cost - next[i] * gains[i]))
            #expect(current[i] == before[i] + weights[i] * (marginal - gains[i]))
            #expect(earlier[i] == -weights[i] * marginal)
        }
    }

    @Test("a band's holdings and gradients are the plain loop's to the last bit", arguments: [true, false])
    func band(shifts: Bool) {
        let (below, above, shift, center) = (row(0.4).map { $0 - 2.4 }, row(0.6).map { $0 - 2.6 }, row(1.3).map { $0 - 1 }, row(0.2))
        let (previous, gradient, scale) = (row(0.1), row(1.5).map { $0 - 0.9 }, Float(0.7))
        var holdings = [Float](repeating: .nan, count: 64)
        BandTile.forward(
            below: below, above: above, shift: shifts ? shift : nil, center: center, scale: scale, previous: previous, holdings: &holdings)
        var (belowGradient, aboveGradient, shiftGradient) = (holdings, holdings, [Float](repeating: .nan, count: 64))
        var previousGradient = row(0.2)
        shiftGradient.withUnsafeMutableBufferPointer {
            BandTile.backward(
                below: below, above: above, scale: scale, previous: previous, holdings: holdings, holdingGradient: gradient,
                belowGradient: &belowGradient, aboveGradient: &aboveGradient, shiftGradient: shifts ? $0.baseAddress! : nil,
                previousGradient: &previousGradient)
        }
        func function(_ x: [Float], _ map: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void) -> [Float] {
            var y = x
            x.withUnsafeBufferPointer { map($0.baseAddress!, &y) }
            return y
        }
        let softplus = [below, above].map { x in function(x) { VectorFunctions.softplus($0, to: $1, count: 64) } }
        let slopes = [below, above].map { x in function(x) { VectorFunctions.logistic($0, to: $1, count: 64) } }
        let before = row(0.2)
        var moves: Set<Int> = []
        for i in 0..<64 {
            let middle = shifts ? center[i] + scale * shift[i] : center[i]
            let held = max(middle - scale * softplus[0][i], min(middle + scale * softplus[1][i], previous[i]))
            let (isBelow, isAbove, scaled) = (held > previous[i], held < previous[i], scale * gradient[i])
            moves.insert(isBelow ? 1 : isAbove ? -1 : 0)
            #expect(holdings[i] == held)
            #expect(belowGradient[i] == (isBelow ? -scaled * slopes[0][i] : 0))
            #expect(aboveGradient[i] == (isAbove ? scaled * slopes[1][i] : 0))
            if shifts { #expect(shiftGradient[i] == (isBelow || isAbove ? scaled : 0)) } else { #expect(shiftGradient[i].isNaN) }
            #expect(previousGradient[i] == before[i] + (isBelow || isAbove ? 0 : gradient[i]))
        }
        #expect(moves == [-1, 0, 1])
    }
}
