import Features
import RealModule
import Stochastics

/// What the spots of a block have made so far, time by time: T + 1 columns [N] each, empty where no feature asks for them.
struct PathRecord {
    let block: PathBlock
    /// Largest and smallest of S₀ ... S_t.
    private(set) var maximum: [[Double]] = []
    private(set) var minimum: [[Double]] = []
    /// Σ S and Σ ln S over 1 ... t.
    private(set) var sum: [[Double]] = []
    private(set) var logSum: [[Double]] = []
    /// Σ ln²(S'/S) up to t.
    private(set) var squares: [[Double]] = []

    init(_ block: PathBlock, features: Set<FeatureName>) {
        self.block = block
        func running(_ start: [Double], _ next: (_ before: Double, _ step: Int, _ path: Int) -> Double) -> [[Double]] {
            var columns = [start]
            columns.reserveCapacity(block.steps + 1)
            for t in 1...block.steps {
                let before = columns[t - 1]
                columns.append(before.indices.map { next(before[$0], t, $0) })
            }
            return columns
        }
        let nothing = [Double](repeating: 0, count: block.count)
        if features.contains(.runningMaximum) { maximum = running(block.spot[0]) { max($0, block.spot[$1][$2]) } }
        if features.contains(.runningMinimum) { minimum = running(block.spot[0]) { min($0, block.spot[$1][$2]) } }
        if features.contains(.runningAverage) {
            sum = running(nothing) { $0 + block.spot[$1][$2] }
            logSum = running(nothing) { $0 + block.logSpot[$1][$2] }
        }
        if features.contains(.realisedVariance) {
            squares = running(nothing) { before, t, i in
                let move = block.logSpot[t][i] - block.logSpot[t - 1][i]
                return before + move * move
            }
        }
    }

    /// A column of what the past has made of a claim; nil where the feature is none of these.
    func column(_ feature: FeatureName, of claim: SimulatedClaim, step: Int, maturity: Double) -> [Double]? {
        let spot = block.spot[step]
        func logRatio(_ column: [Double]) -> [Double] { zip(column, spot).map { Double.log($0 / $1) } }
        let nothing = [Double](repeating: 0, count: block.count)
        switch feature {
        case .runningMaximum: return logRatio(maximum[step])
        case .runningMinimum: return logRatio(minimum[step])
        case .runningAverage: return step == 0 ? nothing : logRatio(sum[step].map { $0 / Double(step) })
        case .realisedVariance: return squares[step].map { $0 / maturity }
        case .startingSpot:
            for case .forwardStart(_, _, let start) in claim.exotics.map(\.option) where step >= start {
                return logRatio(block.spot[start])
            }
            return nothing
        case .isKnocked:
            var met = nothing
            var barriers = 0.0
            for case .barrier(_, _, let barrier, let knock) in claim.exotics.map(\.option) {
                barriers += 1
                for i in met.indices where isKnocked(knock, barrier: barrier, step: step, path: i) { met[i] += 1 }
            }
            return met.map { $0 / barriers }
        default: return nil
        }
    }

    func isKnocked(_ knock: ExoticOption.Knock, barrier: Double, step: Int, path i: Int) -> Bool {
        knock.side == .up ? maximum[step][i] >= barrier : minimum[step][i] <= barrier
    }
}

extension ExoticOption {
    /// What one unit pays on path `i`.
    func payoff(_ record: PathRecord, path i: Int, maturity: Double) -> Double {
        let last = record.block.steps
        let spot = record.block.spot[last][i]
        switch self {
        case .digital(let kind, let strike, let cash): return kind.sign * (spot - strike) > 0 ? cash : 0
        case .barrier(let kind, let strike, let barrier, let knock):
            guard record.isKnocked(knock, barrier: barrier, step: last, path: i) == knock.isIn else { return 0 }
            return max(kind.sign * (spot - strike), 0)
        case .lookback(.call, let strike?): return max(record.maximum[last][i] - strike, 0)
        case .lookback(.put, let strike?): return max(strike - record.minimum[last][i], 0)
        case .lookback(.call, nil): return spot - record.minimum[last][i]
        case .lookback(.put, nil): return record.maximum[last][i] - spot
        case .asian(let kind, let strike, let average):
            let fixings = Double(last)
            let mean = average == .arithmetic ? record.sum[last][i] / fixings : Double.exp(record.logSum[last][i] / fixings)
            return max(kind.sign * (mean - strike), 0)
        case .forwardStart(let kind, let moneyness, let start):
            return max(kind.sign * (spot - moneyness * record.block.spot[start][i]), 0)
        case .varianceSwap(let strike): return record.squares[last][i] / maturity - strike
        }
    }
}
