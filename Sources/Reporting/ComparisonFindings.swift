import Store

/// What a comparison found, in sentences: the headings of its report and the titles of its plots.
struct ComparisonFindings {
    let tables: ComparisonTables

    init(_ tables: ComparisonTables) { self.tables = tables }

    var learned: ComparisonTables.Strategy? { tables.strategies.first(where: \.isLearned) }

    /// Recorded intervals are judged by the error that a hedge removes, simulated paths by the price of the risk it leaves.
    private var isRecorded: Bool { tables.strategies.contains { $0["rmseReduction"]?.isFinite == true } }

    /// The analytic strategy that the learned one is drawn against: the best one.
    var reference: ComparisonTables.Strategy? {
        let analytic = tables.strategies.filter { !$0.isLearned && $0.name != "none" }
        func badness(_ strategy: ComparisonTables.Strategy) -> Double {
            let figure = isRecorded ? strategy["rmseReduction"].map { -$0 } : strategy["price"]
            return figure.flatMap { $0.isFinite ? $0 : nil } ?? .infinity
        }
        return analytic.min { badness($0) < badness($1) }
    }

    /// Unit in the text of an amount.
    private func amount(_ value: Double) -> String { "\(DecimalText.significant(value, digits: 4)) \(tables.unit)" }

    private func percent(_ share: Double) -> String { "\(DecimalText.fixed(share * 100, decimals: 2)) %" }

    var summary: String {
        guard let learned, let reference else {
            guard let best = reference ?? learned, let price = best["price"] else { return "Strategies side by side" }
            return "Lowest price: \(best.name), \(amount(price))"
        }
        if !isRecorded, let price = learned["price"], let other = reference["price"], price.isFinite {
            var text =
                "\(learned.name) prices the risk at \(amount(price)), the best analytic hedge, \(reference.name), at \(amount(other))"
            if let exact = tables.exact { text += "; the exact optimum is \(amount(exact.price))" }
            return text
        }
        if let reduction = learned["rmseReduction"], let other = reference["rmseReduction"] {
            return "\(learned.name) removes \(percent(reduction)) of the unhedged error, \(reference.name) \(percent(other))"
        }
        return "\(learned.name) beside \(reference.name)"
    }

    var differences: String {
        guard let difference = tables.differences.first(where: { $0.against == reference?.name }) ?? tables.differences.first else {
            return ""
        }
        let verdict =
            difference.low > 0 || difference.high < 0 ? "the interval excludes zero" : "the interval includes zero: no difference is shown"
        return
            "\(difference.strategy) less \(difference.against) in \(difference.measure): \(DecimalText.significant(difference.difference, digits: 3)) "
            + "[\(DecimalText.significant(difference.low, digits: 3)), \(DecimalText.significant(difference.high, digits: 3))]; \(verdict)"
    }

    /// Mean loss of the worst `share` of the sampled paths.
    static func expectedShortfall(_ profits: [Double], share: Double = 0.05) -> Double {
        guard !profits.isEmpty else { return .nan }
        let count = max(Int((share * Double(profits.count)).rounded(.up)), 1)
        return -profits.sorted().prefix(count).reduce(0, +) / Double(count)
    }

    var profits: String {
        let parts = [learned, reference].compactMap { $0 }.compactMap { strategy -> String? in
            guard let sample = tables.profits.first(where: { $0.strategy == strategy.name }) else { return nil }
            return "\(strategy.name) \(amount(Self.expectedShortfall(sample.values)))"
        }
        guard !parts.isEmpty else { return "Net profit of the seller" }
        return "Mean loss in the worst 5 % of the paths drawn here: " + parts.joined(separator: ", ")
    }

    var hedgeRatios: String {
        guard let learned = tables.hedgeRatios.first(where: { $0.strategy == self.learned?.name }),
            let reference = tables.hedgeRatios.first(where: { $0.strategy == self.reference?.name }),
            learned.logMoneyness == reference.logMoneyness, learned.timeToExpiry == reference.timeToExpiry
        else { return "Hedge ratio against moneyness and time" }
        var largest = (0.0, 0.0, 0.0)
        for (time, row) in learned.ratios.enumerated() {
            for (index, ratio) in row.enumerated() {
                let difference = ratio - reference.ratios[time][index]
                if difference.magnitude > largest.0.magnitude {
                    largest = (difference, learned.logMoneyness[index], learned.timeToExpiry[time])
                }
            }
        }
        let days = DecimalText.significant(largest.2 * 365, digits: 2)
        return
            "\(learned.strategy) and \(reference.strategy) differ by at most \(DecimalText.fixed(largest.0.magnitude, decimals: 3)) per sold unit, "
            + "at ln(K/F) = \(DecimalText.fixed(largest.1, decimals: 2)) and \(days) \(days == "1" ? "day" : "days") to expiry"
    }

    var frontier: String {
        func point(_ name: String?) -> ComparisonTables.FrontierPoint? { tables.frontier.first { $0.strategy == name } }
        guard let learned = point(learned?.name) else { return "What trading costs and what risk it leaves" }
        var text = "\(learned.strategy): deviation \(amount(learned.risk)) for \(amount(learned.tradingCost)) of trading"
        if let other = point(reference?.name) { text += "; \(other.strategy): \(amount(other.risk)) for \(amount(other.tradingCost))" }
        return text
    }

    var surface: String {
        var inside = 0
        var all = 0
        for slice in tables.surface {
            for quote in slice.quotes where quote.bid.isFinite && quote.ask.isFinite {
                guard let fitted = slice.volatility(at: quote.logMoneyness) else { continue }
                all += 1
                if (quote.bid...max(quote.bid, quote.ask)).contains(fitted) { inside += 1 }
            }
        }
        guard all > 0 else { return "The fitted volatility surface" }
        return
            "The fitted surface lies inside bid and ask at \(inside) of \(all) quotes (\(DecimalText.fixed(Double(inside) / Double(all) * 100, decimals: 1)) %)"
    }

    var months: String {
        guard let learned, let reference else { return "Month by month" }
        let names = Set(tables.months.map(\.month)).sorted()
        func reduction(_ month: String, _ strategy: String) -> Double? {
            tables.months.first { $0.month == month && $0.strategy == strategy }?.figures.first { $0.name == "rmseReduction" }?.value
        }
        let pairs = names.compactMap { month -> (Double, Double)? in
            guard let own = reduction(month, learned.name), let other = reduction(month, reference.name) else { return nil }
            return (own, other)
        }
        guard !pairs.isEmpty else { return "Month by month" }
        return "\(learned.name) removes more error than \(reference.name) in \(pairs.filter { $0.0 > $0.1 }.count) of \(pairs.count) months"
    }
}

extension ComparisonTables.Slice {
    /// The fitted curve between its points; nil outside them.
    func volatility(at logMoneyness: Double) -> Double? {
        guard let upper = fitted.firstIndex(where: { $0.logMoneyness >= logMoneyness }) else { return nil }
        if fitted[upper].logMoneyness == logMoneyness { return fitted[upper].volatility }
        guard upper > 0 else { return nil }
        let (a, b) = (fitted[upper - 1], fitted[upper])
        let weight = (logMoneyness - a.logMoneyness) / (b.logMoneyness - a.logMoneyness)
        return a.volatility + weight * (b.volatility - a.volatility)
    }
}
