public import Features
public import LinearAlgebra

/// Neutralises delta, vega and gamma of the book with the underlying and as many other instruments as it takes.
///
/// The first instruments that are no underlying carry vega and gamma: their units solve a system of one or two
/// equations, and the underlying takes the delta that is left. A system that is singular, or has fewer instruments
/// than equations, drops its last equation. What the book's delta is follows the instruments' own: see `DecisionBatch`.
public struct SensitivityHedge: HedgingStrategy, Equatable {
    public enum Sensitivity: String, Sendable, Codable { case delta, vega, gamma }

    /// In order of importance: the last is dropped first.
    public var neutralised: [Sensitivity]
    public var delta: DeltaHedge.Kind

    public init(_ neutralised: [Sensitivity], delta: DeltaHedge.Kind = .plain) {
        precondition(neutralised.first == .delta, "delta comes first, found \(neutralised.map(\.rawValue))")
        self.neutralised = neutralised
        self.delta = delta
    }

    public var name: String { neutralised.map(\.rawValue).joined(separator: "-") }
    public var inputs: [FeatureName] { [delta.feature, .bookGamma, .bookVega] + (delta == .net ? [.forward] : []) }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var exposure = batch.features[delta.feature]
        let others = batch.instruments.indices.filter { batch.instruments[$0].kind != .underlying }
        let equations = neutralised.dropFirst().prefix(others.count)
        // In coin the instruments' gamma and vega are per relative move and in coin: so the book's must be.
        let forwards = delta == .net ? batch.features[.forward] : [Double](repeating: 1, count: batch.count)
        let (gammas, vegas) = (batch.features[.bookGamma], batch.features[.bookVega])
        var units = Matrix<Double>(rows: batch.count, columns: batch.instruments.count)
        for i in 0..<batch.count {
            func row(_ sensitivity: Sensitivity) -> (a: Double, b: Double, right: Double) {
                let matrix = sensitivity == .vega ? batch.vegas : batch.gammas
                let right = sensitivity == .vega ? vegas[i] / forwards[i] : gammas[i] * forwards[i]
                return (matrix[i, others[0]], others.count > 1 ? matrix[i, others[1]] : 0, -right)
            }
            if let first = equations.first.map(row) {
                var solved = false
                if equations.count > 1 {
                    let second = row(equations[equations.startIndex + 1])
                    let determinant = first.a * second.b - first.b * second.a
                    if determinant.magnitude > Self.singular * (first.a * second.b).magnitude {
                        units[i, others[0]] = (first.right * second.b - first.b * second.right) / determinant
                        units[i, others[1]] = (first.a * second.right - first.right * second.a) / determinant
                        solved = true
                    }
                }
                if !solved, first.a != 0 { units[i, others[0]] = first.right / first.a }
            }
            for other in others { exposure[i] += units[i, other] * batch.deltas[i, other] }
        }
        let underlying = batch.underlyingHoldings(neutralising: exposure)
        for i in units.storage.indices { units.storage[i] += underlying.storage[i] }
        return units
    }

    /// Two options whose ratio of gamma to vega differs by less than this share can't neutralise both.
    private static let singular = 1e-9
}
