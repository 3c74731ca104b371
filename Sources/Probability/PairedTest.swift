import RealModule

/// Whether two measurements of the same things differ in mean: Student's test on their differences.
public struct PairedTest: Sendable, Equatable, Codable {
    /// Mean of first − second.
    public let difference: Double
    public let standardError: Double
    /// difference / standardError. A difference without any spread gives ±∞, or 0 where it is zero.
    public let statistic: Double
    public let degreesOfFreedom: Int
    /// Probability of a statistic at least as large in magnitude if the means were equal.
    public let pValue: Double

    public init(_ first: [Double], _ second: [Double]) throws(RiskError) {
        precondition(first.count == second.count, "\(first.count) values paired with \(second.count)")
        guard first.count >= 2 else { throw .tooFewObservations(found: first.count, needed: 2) }
        let statistics = try SampleStatistics(first.indices.map { first[$0] - second[$0] })
        difference = statistics.mean
        standardError = statistics.standardError
        let ratio = difference / standardError
        statistic = ratio.isNaN ? 0 : ratio
        degreesOfFreedom = first.count - 1
        pValue = 2 * StudentDistribution.upperTail(statistic.magnitude, degreesOfFreedom: Double(degreesOfFreedom))
    }
}

/// Student's t.
public enum StudentDistribution {
    /// P(T > t) for t ≥ 0: half the regularised incomplete beta function I(ν/2, 1/2) at ν/(ν + t²).
    public static func upperTail(_ t: Double, degreesOfFreedom: Double) -> Double {
        precondition(t >= 0 && degreesOfFreedom > 0, "t \(t), degrees of freedom \(degreesOfFreedom)")
        guard t.isFinite else { return 0 }
        let square = t * t
        return 0.5
            * IncompleteBeta.regularised(
                degreesOfFreedom / 2, 0.5, at: degreesOfFreedom / (degreesOfFreedom + square),
                complement: square / (degreesOfFreedom + square))
    }
}

enum IncompleteBeta {
    /// I(a, b) at x, with 1 − x given apart so that neither loses digits.
    static func regularised(_ a: Double, _ b: Double, at x: Double, complement: Double) -> Double {
        if x <= 0 { return 0 }
        if complement <= 0 { return 1 }
        let logFront =
            Double.logGamma(a + b) - Double.logGamma(a) - Double.logGamma(b) + a * Double.log(x) + b * Double.log(complement)
        let front = Double.exp(logFront)
        // The continued fraction converges fast on the left of the mean a/(a + b); the right is its mirror.
        return x < (a + 1) / (a + b + 2) ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, complement) / b
    }

    /// The continued fraction by Lentz's forward recurrence (DLMF 8.17.22).
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func kept(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var result = d
        for m in 1...500 {
            let k = Double(m)
            let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
            d = 1 / kept(1 + even * d)
            c = kept(1 + even / c)
            result *= c * d
            let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
            d = 1 / kept(1 + odd * d)
            c = kept(1 + odd / c)
            let factor = c * d
            result *= factor
            if (factor - 1).magnitude < 1e-16 { break }
        }
        return result
    }
}
