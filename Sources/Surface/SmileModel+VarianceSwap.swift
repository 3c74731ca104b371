import Pricing
import RealModule

extension SmileModel {
    /// Fair total variance of a variance swap, by the strip of all out-of-the-money options:
    ///
    ///     2 ∫ e⁻ᵏ q(k) dk,    q the undiscounted price per forward of the put for k < 0, of the call for k ≥ 0
    ///
    /// It is the integral that DVOL and VIX sum over listed strikes. Simpson's rule over ten standard deviations of the wing volatility;
    /// nil for a smile without variance at the money.
    ///
    /// Reference: Demeterfi, Derman, Kamal, Zou, *A guide to volatility and variance swaps*, J. Derivatives 6 (1999).
    public func varianceSwapTotalVariance() -> Double? {
        let level = totalVariance(atLogMoneyness: 0)
        guard level > 0, level.isFinite else { return nil }
        func strip(_ k: Double) -> Double {
            let w = totalVariance(atLogMoneyness: k)
            guard w > 0 else { return 0 }
            // b(x, s)·√(K/F) is the price per forward, so e⁻ᵏ q = e^{−k/2} b.
            return Double.exp(-k / 2) * NormalizedBlack.value(x: -k.magnitude, deviation: w.squareRoot())
        }
        var total = 0.0
        for side in [-1.0, 1] {
            // Out to where the option of that side is worth nothing beside the whole.
            var reach = 5 * level.squareRoot()
            while strip(side * reach) > 1e-12 * level, reach < 40 { reach *= 1.3 }
            let panels = 100
            let step = reach / Double(2 * panels)
            var sum = strip(0) + strip(side * reach)
            for i in 1..<2 * panels { sum += (i % 2 == 1 ? 4 : 2) * strip(side * step * Double(i)) }
            total += sum * step / 3
        }
        return 2 * total
    }
}
