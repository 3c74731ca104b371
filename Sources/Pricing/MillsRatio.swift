import RealModule

/// R(x) = N(−x)/φ(x): the normal tail over the density at its edge.
enum MillsRatio {
    /// R(x) for x ≥ 0, relative error below 1e-15.
    ///
    /// (1 + x)R(x) is smooth in t = (x − 5)/(x + 5), which maps all x ≥ 0 to −1...1: a sum of 24 Chebyshev polynomials of t. The
    /// coefficients come from `Tests/References/mills-ratio.py`.
    static func value(_ x: Double) -> Double {
        let t = (x - 5) / (x + 5)
        var b1 = 0.0
        var b2 = 0.0
        var index = coefficients.count - 1
        while index > 0 {
            (b1, b2) = (2 * t * b1 - b2 + coefficients[index], b1)
            index -= 1
        }
        return (t * b1 - b2 + coefficients[0]) / (1 + x)
    }

    private static let coefficients: [Double] = [
        1.1579976221305188,
        -0.1633449388451398,
        -0.013683136055781576,
        0.03082200019810004,
        -0.016220073012046806,
        0.005616691016460094,
        -0.0014133933783549216,
        0.0002502625460725661,
        -2.468907239728387e-05,
        -1.0107964061837592e-06,
        7.495419179740573e-07,
        -7.600274268728337e-08,
        -1.1574771441328644e-08,
        3.333386472599843e-09,
        7.538039628171347e-11,
        -1.1104247263727494e-10,
        3.5092437765510596e-12,
        3.6894953861750955e-12,
        -2.3376697776383125e-13,
        -1.3271797523541488e-13,
        9.921706995886967e-15,
        5.276004995453686e-15,
        -3.3730976942074545e-16,
        -2.280433877658716e-16,
    ]
}
