import RealModule
import Stochastics

/// Mean, variance and the mean's standard error of a sample.
struct Moments {
    let mean: Double
    let variance: Double
    let error: Double

    init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        error = (variance / count).squareRoot()
    }

    /// Whether the mean is within so many standard errors, and a bias, of what it should be.
    func agree(with expected: Double, errors: Double = 4, bias: Double = 0) -> Bool {
        (mean - expected).magnitude <= errors * error + bias
    }
}

extension PathBlock {
    /// Payoffs of a call at the end.
    func calls(_ strike: Double) -> Moments { Moments(spot[steps].map { max($0 - strike, 0) }) }

    /// Powers of ln(S_T/S_0).
    func logReturns(power: Int) -> [Double] { zip(logSpot[steps], logSpot[0]).map { Double.pow($0 - $1, power) } }
}
