import Evaluation
import Feeds
import Hedging
import LinearAlgebra
import Market
import Testing

/// The table "Numbers to reproduce" of the recorded chains: all of it, to 0.1 point.
///
/// Its figures were taken while one more snapshot was at hand, so that its n counts the liquid quotes of all 698 snapshots; here the
/// last one's have no next. Nothing else moves by more than 0.02 points.
@Suite("Recorded every-option table", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"), .serialized)
struct RecordedTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var currency: Currency
        var hedge: RecordedOptionMarket.Settings.Hedge
        var prices: RecordedOptionMarket.Settings.Prices
        var delta: DeltaHedge.Kind
        /// Reductions and hit rate in per cent, tail figures in coin; nil where the table has none.
        var rmse: Double?
        var variance, mae, hitRate: Double?
        var quantile5, shortfall5: Double?
        /// Decimals the table prints the tail figures with.
        var tailTolerance = 1e-5

        var testDescription: String { "\(currency.rawValue) \(delta.rawValue) with the \(hedge.rawValue) at \(prices.rawValue)s" }
    }

    static let rows: [Row] = [
        Row(
            currency: "BTC", hedge: .future, prices: .mark, delta: .plain, rmse: 64.34, variance: 87.29, quantile5: -0.003625,
            shortfall5: -0.007842),
        Row(
            currency: "BTC", hedge: .future, prices: .mark, delta: .net, rmse: 87.47, variance: 98.43, mae: 87.63, hitRate: 81.96,
            quantile5: -0.001185, shortfall5: -0.002616),
        Row(
            currency: "ETH", hedge: .future, prices: .mark, delta: .plain, rmse: 60.21, variance: 84.17, quantile5: -0.006316,
            shortfall5: -0.013150),
        Row(
            currency: "ETH", hedge: .future, prices: .mark, delta: .net, rmse: 89.98, variance: 99.00, mae: 89.50, hitRate: 84.48,
            quantile5: -0.001541, shortfall5: -0.003443),
        Row(
            currency: "BTC", hedge: .perpetual, prices: .mid, delta: .plain, rmse: 52.54, variance: 77.48, mae: 61.27, shortfall5: -0.0113,
            tailTolerance: 5e-5),
        Row(
            currency: "BTC", hedge: .perpetual, prices: .mid, delta: .net, rmse: 64.77, variance: 87.59, mae: 77.33, shortfall5: -0.0068,
            tailTolerance: 5e-5),
        Row(currency: "BTC", hedge: .perpetual, prices: .mark, delta: .plain, rmse: 63.24),
        Row(currency: "BTC", hedge: .perpetual, prices: .mark, delta: .net, rmse: 86.12),
        Row(currency: "ETH", hedge: .perpetual, prices: .mark, delta: .plain, rmse: 58.44),
        Row(currency: "ETH", hedge: .perpetual, prices: .mark, delta: .net, rmse: 83.60),
    ]

    static let snapshots = Result { try RecordedChains.snapshots(at: RealChains.chains) }

    static func market(_ row: Row) throws -> RecordedOptionMarket {
        RecordedOptionMarket(snapshots: try snapshots.get(), currency: row.currency, settings: .init(hedge: row.hedge, prices: row.prices))
    }

    @Test("every row of the table", arguments: rows)
    func reproduces(row: Row) throws {
        let market = try Self.market(row)
        let all = 0..<market.contracts.count
        let hedged = Rollout.run(DeltaHedge(row.delta), on: market, paths: all)
        let unhedged = Rollout.run(NoHedge(), on: market, paths: all)
        let figures = RecordedFigures(hedged: hedged.profit, unhedged: unhedged.profit, tradingCosts: hedged.tradingCost)
        func expectClose(_ found: Double, _ expected: Double?, _ tolerance: Double, _ name: Comment) {
            guard let expected else { return }
            #expect((found - expected).magnitude <= tolerance, "\(name): found \(found), the table has \(expected)")
        }
        expectClose(100 * figures.rmseReduction, row.rmse, 0.1, "RMSE reduction")
        expectClose(100 * figures.varianceReduction, row.variance, 0.1, "variance reduction")
        expectClose(100 * figures.maeReduction, row.mae, 0.1, "MAE reduction")
        expectClose(100 * figures.hitRate, row.hitRate, 0.1, "hit rate")
        expectClose(figures.quantile5, row.quantile5, row.tailTolerance, "5 % quantile")
        expectClose(figures.expectedShortfall5, row.shortfall5, row.tailTolerance, "5 % expected shortfall")
    }

    @Test("n: the liquid quotes of all snapshots, of which the last snapshot's are not judged")
    func counts() throws {
        let bitcoin = try Self.market(Self.rows[0])
        #expect(bitcoin.liquidQuotes == 341_220)
        #expect(bitcoin.contracts.count == 340_757)
        let ether = try Self.market(Self.rows[2])
        #expect(ether.liquidQuotes == 277_764)
        #expect(ether.contracts.count == 277_434)
        let mids = try Self.market(Self.rows[4])
        #expect(mids.contracts.count == 203_725)
    }
}
