public import Features
public import LinearAlgebra
import RealModule

/// Option units that leave as little gamma and vega as can be, and the underlying for the delta that remains:
///
///     min over u:   (s_Γ (Γ_book + Σ uⱼ Γⱼ))² + (s_v (vega_book + Σ uⱼ vegaⱼ))² + λ Σ uⱼ² ((s_Γ Γⱼ)² + (s_v vegaⱼ)²)
///
/// s_Γ = m²/√2 makes a gamma the standard deviation of ½Γx² for a normal relative move of standard deviation m; s_v is that of the
/// volatility. With λ = 0, two options and two sensitivities both vanish; λ keeps units small where the options resemble each other.
public struct SensitivityLeastSquares: HedgingStrategy, Equatable {
    public var neutralised: [SensitivityHedge.Sensitivity]
    /// Of the interval's relative move, and of its change of 30-day volatility.
    public var moveDeviation = 0.02
    public var volatilityDeviation = 0.02
    public var penalty = 0.02

    public init(_ neutralised: [SensitivityHedge.Sensitivity]) { self.neutralised = neutralised }

    public var name: String { neutralised.map(\.rawValue).joined(separator: "-") }
    public var inputs: [FeatureName] { [.bookNetDelta, .bookGamma, .bookVega, .forward] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var exposure = batch.features[.bookNetDelta]
        let options = batch.instruments.indices.filter { batch.instruments[$0].kind == .option }
        let (gammas, vegas, forwards) = (batch.features[.bookGamma], batch.features[.bookVega], batch.features[.forward])
        var units = Matrix<Double>(rows: batch.count, columns: batch.instruments.count)
        let gammaScale = neutralised.contains(.gamma) ? moveDeviation * moveDeviation / 2.0.squareRoot() : 0
        let vegaScale = neutralised.contains(.vega) ? volatilityDeviation : 0
        for row in 0..<batch.count where !options.isEmpty {
            // Rows of the least-squares problem: gamma, vega.
            let design = options.map { (gammaScale * batch.gammas[row, $0], vegaScale * batch.vegas[row, $0]) }
            let target = (gammaScale * gammas[row] * forwards[row], vegaScale * vegas[row] / forwards[row])
            // An instrument without either (an expired one) is left out by a unit diagonal.
            let normal = Matrix<Double>(rows: options.count, columns: options.count) { i, j in
                let product = design[i].0 * design[j].0 + design[i].1 * design[j].1
                return i == j ? (product > 0 ? product * (1 + penalty) : 1) : product
            }
            guard let factor = try? Cholesky(normal) else { continue }
            let solution = factor.solve(design.map { -($0.0 * target.0 + $0.1 * target.1) })
            for (i, option) in options.enumerated() {
                units[row, option] = solution[i]
                exposure[row] += solution[i] * batch.deltas[row, option]
            }
        }
        let underlying = batch.underlyingHoldings(neutralising: exposure)
        for i in units.storage.indices { units.storage[i] += underlying.storage[i] }
        return units
    }
}
