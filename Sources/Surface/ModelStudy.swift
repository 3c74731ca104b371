public import LinearAlgebra
public import Market

/// How well one of Heston's family fits a series of snapshots, each calibrated on its own: the figures of `hedge surface fit --model`.
///
/// One strike in five is held back from every fit.
public struct ModelStudy: Sendable, Equatable, Codable {
    public var family: ModelCalibration.Family
    /// Snapshots that could be fitted, and that could not.
    public var snapshots: Int
    public var lost: Int
    /// Shares of quotes with the model's price inside bid and ask: means over snapshots.
    public var insideBidAsk: Double
    public var insideBidAskHeldBack: Double
    /// Mean distance of the model's price to the middle of the quotes, coin.
    public var meanError: Double
    public var meanErrorHeldBack: Double
    /// Time of one fit.
    public var milliseconds: SurfaceStudy.Milliseconds
    /// Medians over snapshots, in order of `HestonJumpModel.Parameter`.
    public var parameters: [Double]

    /// - Parameters:
    ///   - seconds: A clock that only goes forward; floors this low read none themselves.
    public static func run(
        snapshots: [MarketSnapshot], calibration: ModelCalibration, filter: LiquidityFilter = .quotesAlone,
        workers: Workers = Workers(threads: 1), seconds: @Sendable () -> Double
    ) -> ModelStudy {
        let all = workers.map(count: snapshots.count) { i in
            let chains = ExpiryChain.chains(of: snapshots[i], filter: filter)
            let start = seconds()
            let fit = calibration.fit(chains, holdingBack: StrikeFold())
            return fit.map { (fit: $0, milliseconds: (seconds() - start) * 1000) }
        }
        let fits = all.compactMap { $0 }
        func mean(_ value: (ModelCalibration.Fit) -> Double?) -> Double {
            let values = fits.compactMap { value($0.fit) }
            return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
        let times = fits.map(\.milliseconds)
        return ModelStudy(
            family: calibration.family, snapshots: fits.count, lost: all.count - fits.count,
            insideBidAsk: mean { $0.fitted.insideBidAsk }, insideBidAskHeldBack: mean { $0.heldBack?.insideBidAsk },
            meanError: mean { $0.fitted.meanError }, meanErrorHeldBack: mean { $0.heldBack?.meanError },
            milliseconds: .init(median: SurfaceStudy.median(times), worst: times.max() ?? 0),
            parameters: (0..<calibration.family.parameters).map { j in SurfaceStudy.median(fits.map { $0.fit.parameters[j] }) })
    }
}
