/// Families of smiles a surface can be fitted with. All but the spline are hyperbolas in log-moneyness.
public enum SmileFamily: String, Sendable, Codable, CaseIterable {
    /// Five parameters an expiry; free of arbitrage inside quoted strikes.
    case svi
    /// Three parameters for all expiries and the at-the-money variance of each; free of arbitrage everywhere.
    case ssvi
    /// Three parameters an expiry, bound to those of the expiry before; free of arbitrage everywhere.
    case essvi
    /// The SVI slice and a smoothing spline of what it leaves, as far as no arbitrage follows inside quoted strikes; a flat smile where an
    /// expiry has too few quotes for a slice.
    case spline
}

/// The smile of one fitted expiry.
public enum FittedSmile: SmileModel, Equatable, Codable {
    /// An SVI, SSVI, eSSVI or flat smile.
    case svi(SVISlice)
    case spline(SplineSmile)

    public func totalVariance(atLogMoneyness k: Double) -> Double {
        switch self {
        case .svi(let slice): slice.totalVariance(atLogMoneyness: k)
        case .spline(let spline): spline.totalVariance(atLogMoneyness: k)
        }
    }

    public func slope(atLogMoneyness k: Double) -> Double {
        switch self {
        case .svi(let slice): slice.slope(atLogMoneyness: k)
        case .spline(let spline): spline.slope(atLogMoneyness: k)
        }
    }

    public func curvature(atLogMoneyness k: Double) -> Double {
        switch self {
        case .svi(let slice): slice.curvature(atLogMoneyness: k)
        case .spline(let spline): spline.curvature(atLogMoneyness: k)
        }
    }

    /// Slopes of w as k → −∞ and k → +∞, both as positive numbers; by Lee's moment formula neither may exceed 2.
    public var wingSlopes: (left: Double, right: Double) {
        switch self {
        case .svi(let slice): slice.wingSlopes
        case .spline(let spline): spline.base.wingSlopes
        }
    }

    public var respectsLeeBounds: Bool { wingSlopes.left <= 2 && wingSlopes.right <= 2 }
}
