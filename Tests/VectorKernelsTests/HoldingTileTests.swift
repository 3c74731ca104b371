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
}
