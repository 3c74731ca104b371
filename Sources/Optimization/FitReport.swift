/// How a search ended. A search that did not settle still returns its best point; the caller decides what that is worth.
public struct FitReport: Sendable, Equatable, Codable {
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// The gradient is small against the residuals and the Jacobian.
        case gradient
        /// The last step is small against the point.
        case step
        /// The last improvement is small against the value.
        case value
        /// The iteration limit was reached first.
        case iterations
        /// No step improves any further although no other test holds: a kink, noise, or a wrong Jacobian.
        case stalled
        /// The function is not finite where the search starts.
        case notFinite = "not-finite"
    }

    public var converged: Bool
    public var iterations: Int
    /// Calls of the function.
    public var evaluations: Int
    /// What is left: √Σ w r² of a least-squares fit, |f| of a root, the lowest value of a minimum.
    public var residual: Double
    public var reason: Reason

    public init(converged: Bool, iterations: Int, evaluations: Int, residual: Double, reason: Reason) {
        self.converged = converged
        self.iterations = iterations
        self.evaluations = evaluations
        self.residual = residual
        self.reason = reason
    }
}
