import RealModule

/// What a misfit r, in half-spreads, costs a fit.
///
/// Inside the band hardly anything; outside the square of the excess, up to a scale beyond which it only grows like a logarithm, so that a
/// wrong quote, or one that a stiff family cannot reach, does not bend the rest:
///
///     c (5s)²/2 ln(1 + r²/(5s)²) + s²/2 ln(1 + e²/s²),     e = max(|r| − tolerance, 0)
public struct QuoteLoss: Sendable, Equatable, Codable {
    /// c: weight of r² inside the band, which centres the smile where quotes leave it free.
    public var centring = 0.1
    /// Half-spreads within which a misfit counts as none.
    public var tolerance = 0.5
    /// s: excess, in half-spreads, beyond which a quote is taken for an outlier.
    public var outlierScale = 2.0

    public init() {}

    /// For families of few parameters: as many quotes as possible inside the band, the others at a nearly fixed price.
    public static var stiff: QuoteLoss {
        var loss = QuoteLoss()
        loss.tolerance = 0.8
        loss.outlierScale = 0.2
        return loss
    }

    public func value(_ misfit: Double) -> Double {
        let square = outlierScale * outlierScale
        let excess = max(misfit.magnitude - tolerance, 0)
        return centring * 25 * square / 2 * Double.log(onePlus: misfit * misfit / (25 * square))
            + square / 2 * Double.log(onePlus: excess * excess / square)
    }
}
