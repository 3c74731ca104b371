import Market
import RealModule

/// A recording turned on its side: each contract's rows over the snapshots, so that a holding can be followed.
struct ChainTape: Sendable {
    struct Row: Sendable {
        var mark: Double
        var volatility: Double
        var forward: Double
        /// NaN where there is no quote.
        var bid: Double
        var ask: Double
    }

    /// A contract without its text: what rows are found by.
    struct Key: Hashable {
        var expiry: Int64
        var strike: Double
        var kind: OptionKind

        init(_ contract: OptionContract) {
            expiry = contract.expiry.nanoseconds
            strike = contract.strike
            kind = contract.kind
        }
    }

    private struct Series {
        var contract: OptionContract
        /// Snapshot of the first row; rows of snapshots in which the contract was missing repeat the one before.
        var first: Int
        var rows: [Row]
    }

    let times: [Timestamp]
    let indices: [Double]
    /// nil where none was recorded.
    let perpetuals: [Double?]
    /// Contracts by snapshot that pass the filter there, in the snapshot's order.
    private(set) var liquid: [[Int]] = []
    private var series: [Series] = []
    private var numbers: [Key: Int] = [:]

    init(_ snapshots: [MarketSnapshot], filter: LiquidityFilter) {
        times = snapshots.map(\.time)
        indices = snapshots.map(\.index)
        perpetuals = snapshots.map { $0.perpetual.flatMap { $0.mark ?? $0.mid } }
        for (step, snapshot) in snapshots.enumerated() {
            var accepted: [Int] = []
            for option in snapshot.options {
                guard let mark = option.quote.mark, let volatility = option.markVolatility, mark.isFinite, mark >= 0, volatility > 0,
                    volatility.isFinite, option.forward > 0, option.forward.isFinite
                else { continue }
                let row = Row(
                    mark: mark, volatility: volatility, forward: option.forward, bid: option.quote.bid ?? .nan,
                    ask: option.quote.ask ?? .nan)
                let key = Key(option.contract)
                let number: Int
                if let known = numbers[key] {
                    number = known
                    let missing = step - series[number].first - series[number].rows.count
                    guard missing >= 0, var last = series[number].rows.last else { continue }
                    // What was not read keeps its last mark, and can't be traded.
                    last.bid = .nan
                    last.ask = .nan
                    for _ in 0..<missing { series[number].rows.append(last) }
                    series[number].rows.append(row)
                } else {
                    number = series.count
                    numbers[key] = number
                    series.append(Series(contract: option.contract, first: step, rows: [row]))
                }
                if filter.accepts(option, at: snapshot.time) { accepted.append(number) }
            }
            liquid.append(accepted)
        }
    }

    func number(of contract: OptionContract) -> Int? { numbers[Key(contract)] }
    func contract(_ number: Int) -> OptionContract { series[number].contract }

    /// The last row at or before a snapshot; nil before the first.
    func row(_ number: Int, at step: Int) -> Row? {
        let series = series[number]
        guard step >= series.first else { return nil }
        if step - series.first < series.rows.count { return series.rows[step - series.first] }
        var row = series.rows[series.rows.count - 1]
        row.bid = .nan
        row.ask = .nan
        return row
    }

    /// Whether a contract was read at exactly that snapshot or a later one, so that its value there is no leftover.
    func isListed(_ number: Int, at step: Int) -> Bool {
        step >= series[number].first && step < series[number].first + series[number].rows.count
    }

    /// Coin value at a snapshot: the mark, or after expiry the payoff at the index, interpolated to the expiry between snapshots.
    func value(_ number: Int, at step: Int) -> Double {
        let contract = series[number].contract
        guard contract.expiry <= times[step] else { return row(number, at: step)?.mark ?? 0 }
        let index = index(at: contract.expiry, notAfter: step)
        return max(contract.kind.sign * (1 - contract.strike / index), 0)
    }

    /// The index at a moment between snapshots, linear in time.
    private func index(at moment: Timestamp, notAfter step: Int) -> Double {
        var after = step
        while after > 0, times[after - 1] >= moment { after -= 1 }
        guard after > 0 else { return indices[0] }
        let span = Double(times[after].nanoseconds - times[after - 1].nanoseconds)
        let share = span > 0 ? Double(moment.nanoseconds - times[after - 1].nanoseconds) / span : 1
        return indices[after - 1] + share * (indices[after] - indices[after - 1])
    }
}
