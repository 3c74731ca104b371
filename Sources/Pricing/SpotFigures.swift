/// Price and sensitivities to the spot, of one unit.
public struct SpotFigures: Sendable, Equatable {
    /// Quote currency.
    public var value: Double
    /// ∂/∂S.
    public var delta: Double
    /// ∂²/∂S².
    public var gamma: Double

    public init(value: Double, delta: Double = 0, gamma: Double = 0) {
        self.value = value
        self.delta = delta
        self.gamma = gamma
    }

    public static func + (a: Self, b: Self) -> Self { Self(value: a.value + b.value, delta: a.delta + b.delta, gamma: a.gamma + b.gamma) }
    public static func - (a: Self, b: Self) -> Self { a + -1 * b }
    public static func * (factor: Double, a: Self) -> Self {
        Self(value: factor * a.value, delta: factor * a.delta, gamma: factor * a.gamma)
    }
}
