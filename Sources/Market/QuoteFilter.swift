/// Takes out of a snapshot what cannot be a price, and says what and why.
///
/// A bad bid or ask is taken from its quote and the quote stays; a bad mark, volatility or forward takes the whole quote. What is left
/// obeys: finite, on the tick, bid ≤ ask, both near the venue's mark, one quote per contract, alive, at its expiry's forward.
public struct QuoteFilter: Sendable, Equatable, Codable {
    /// Largest distance of a bid or ask to the mark: this share of the mark ...
    public var relativeDistance = 0.9
    /// ... or this much, in settlement currency for inverse options, whichever is larger.
    public var absoluteDistance = 0.02
    /// Mark volatilities outside are no volatilities, or are in per cent.
    public var volatilities = 0.01...10.0
    /// Largest relative distance of a row's forward to the median of its expiry.
    public var forwardDistance = 0.01
    /// A mark that has not moved in its last digit while the forward moved relatively by more than this is stale. Only options whose
    /// delta lies between 2 % and 98 % are held to it: far ones do not move. Over a smaller move some marks come to the same digits by chance.
    public var staleMove = 0.01
    /// Price steps; nil takes every price.
    public var ticks: TickRule? = .deribitInverse

    public init() {}

    /// The snapshot without what is bad, and the report of it.
    ///
    /// - Parameter previous: The same currency's snapshot before; nil where there is none, and then no mark is called stale.
    public func screen(_ snapshot: MarketSnapshot, previous: MarketSnapshot? = nil) -> (snapshot: MarketSnapshot, report: FilterReport) {
        var report = FilterReport()
        var kept: [OptionQuote] = []
        kept.reserveCapacity(snapshot.options.count)
        var seen: Set<OptionContract> = []
        seen.reserveCapacity(snapshot.options.count)
        var medians = ForwardMedians(snapshot.options)
        let earlier = previous?.options ?? []
        var before = EarlierRows(earlier)

        for var option in snapshot.options {
            report.quotes += 1
            func drop(_ reason: FilterReason, _ found: Double, _ expected: String) {
                report.add(reason, time: snapshot.time, contract: option.contract, found: found, expected: expected)
            }
            guard seen.insert(option.contract).inserted else {
                drop(.duplicate, option.contract.strike, "each contract once")
                continue
            }
            guard option.contract.strike.isFinite, option.contract.strike > 0 else {
                drop(.notANumber, option.contract.strike, "a positive strike")
                continue
            }
            guard option.contract.expiry > snapshot.time else {
                drop(.expired, snapshot.time.years(to: option.contract.expiry) * 365, "days to expiry above 0")
                continue
            }
            guard option.forward.isFinite, option.forward > 0 else {
                drop(.notANumber, option.forward, "a positive forward")
                continue
            }
            let median = medians.median(of: option.contract.expiry) ?? option.forward
            guard (option.forward / median - 1).magnitude <= forwardDistance else {
                drop(.forwardAway, option.forward, "within \(percent(forwardDistance)) of its expiry's \(median)")
                continue
            }
            if let volatility = option.markVolatility, !volatilities.contains(volatility) {
                drop(.implausibleVolatility, volatility, "\(volatilities.lowerBound) to \(volatilities.upperBound), decimal")
                continue
            }
            if let mark = option.quote.mark, !mark.isFinite || mark < 0 {
                drop(.notANumber, mark, "a mark of at least 0")
                continue
            }
            if let last = before.place(of: option.contract), let mark = option.quote.mark, mark == earlier[last].quote.mark,
                let delta = option.delta?.magnitude, delta > 0.02, delta < 0.98,
                (option.forward / earlier[last].forward - 1).magnitude > staleMove
            {
                drop(.stale, mark, "another mark after the forward moved from \(earlier[last].forward) to \(option.forward)")
                continue
            }
            option.quote.bid = screenSide(option.quote.bid, option.quote.mark, option, snapshot.time, &report)
            option.quote.ask = screenSide(option.quote.ask, option.quote.mark, option, snapshot.time, &report)
            if let bid = option.quote.bid, let ask = option.quote.ask, bid > ask {
                report.add(.crossed, time: snapshot.time, contract: option.contract, found: bid, expected: "at most the ask, \(ask)")
                option.quote.bid = nil
                option.quote.ask = nil
            }
            kept.append(option)
        }
        var screened = snapshot
        screened.options = kept
        return (screened, report)
    }

    /// Every snapshot screened against the one of its market before it.
    public func screen(_ snapshots: [MarketSnapshot]) -> (snapshots: [MarketSnapshot], report: FilterReport) {
        var report = FilterReport()
        var last: [MarketID: MarketSnapshot] = [:]
        let screened = snapshots.map { snapshot in
            let (kept, part) = screen(snapshot, previous: last[snapshot.id])
            last[snapshot.id] = snapshot
            report.merge(part)
            return kept
        }
        return (screened, report)
    }

    /// The price of one side, nil where it is bad.
    private func screenSide(
        _ price: Double?, _ mark: Double?, _ option: OptionQuote, _ time: Timestamp, _ report: inout FilterReport
    ) -> Double? {
        guard let price else { return nil }
        guard price.isFinite, price > 0 else {
            report.add(.notANumber, time: time, contract: option.contract, found: price, expected: "a positive price")
            return nil
        }
        if let mark {
            let reach = max(relativeDistance * mark, absoluteDistance * (option.contract.settlement == .inverse ? 1 : option.forward))
            guard (price - mark).magnitude <= reach else {
                report.add(
                    .farFromMark, time: time, contract: option.contract, found: price, expected: "within \(reach) of the mark \(mark)")
                return nil
            }
        }
        if option.contract.settlement == .inverse, let ticks, !ticks.accepts(price) {
            report.add(.offTick, time: time, contract: option.contract, found: price, expected: "a multiple of \(ticks.tick(at: price))")
            return nil
        }
        return price
    }

    private func percent(_ share: Double) -> String { "\(share * 100) %" }
}

/// The median forward of each expiry. The rows of an expiry mostly follow each other, so that the one asked for is mostly the last.
private struct ForwardMedians {
    private var slots: [Timestamp: Int] = [:]
    private var medians: [Double] = []
    private var last: (expiry: Timestamp, slot: Int)?

    init(_ options: [OptionQuote]) {
        var forwards: [[Double]] = []
        for option in options where option.forward.isFinite && option.forward > 0 {
            if let slot = slot(of: option.contract.expiry) {
                forwards[slot].append(option.forward)
            } else {
                slots[option.contract.expiry] = forwards.count
                forwards.append([option.forward])
            }
        }
        medians = forwards.map { forwards in
            let sorted = forwards.sorted()
            let middle = sorted.count / 2
            return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        }
    }

    mutating func median(of expiry: Timestamp) -> Double? { slot(of: expiry).map { medians[$0] } }

    private mutating func slot(of expiry: Timestamp) -> Int? {
        if let last, last.expiry == expiry { return last.slot }
        guard let slot = slots[expiry] else { return nil }
        last = (expiry, slot)
        return slot
    }
}

/// The rows of the snapshot before, found by contract. Venues list in one order, so that the row looked for is mostly the next.
private struct EarlierRows {
    let rows: [OptionQuote]
    private var next = 0
    private var places: [OptionContract: Int]?

    init(_ rows: [OptionQuote]) { self.rows = rows }

    mutating func place(of contract: OptionContract) -> Int? {
        if next >= rows.count || rows[next].contract != contract {
            if places == nil { places = Dictionary(rows.indices.map { (rows[$0].contract, $0) }, uniquingKeysWith: { first, _ in first }) }
            guard let place = places?[contract] else { return nil }
            next = place
        }
        next += 1
        return next - 1
    }
}

/// Why something was taken out.
public enum FilterReason: String, Sendable, Hashable, Codable, CaseIterable {
    case duplicate, expired, stale, crossed
    case notANumber = "not-a-number"
    case forwardAway = "forward-away"
    case implausibleVolatility = "implausible-volatility"
    /// A fat finger, or a stub quote that nobody means.
    case farFromMark = "far-from-mark"
    case offTick = "off-tick"
}

/// What a filter took out and why: counts of all, and a few examples of each.
public struct FilterReport: Sendable, Equatable, Codable {
    public struct Example: Sendable, Equatable, Codable, CustomStringConvertible {
        public var reason: FilterReason
        public var time: Timestamp
        public var contract: OptionContract
        public var found: Double
        public var expected: String

        public var description: String {
            let name = (try? DeribitName.format(.option(contract))) ?? "\(contract.underlying.rawValue) \(contract.strike) \(contract.kind)"
            return "\(time) \(name): \(reason.rawValue), found \(found), expected \(expected)"
        }
    }

    /// Quotes looked at.
    public var quotes = 0
    /// In the order of `FilterReason`; a reason that did not occur is 0.
    public private(set) var counts: [FilterReason: Int] = [:]
    /// The first few of each reason, in order of appearance.
    public private(set) var examples: [Example] = []

    /// Examples kept of each reason.
    public static let examplesPerReason = 5

    public init() {}

    public subscript(reason: FilterReason) -> Int { counts[reason, default: 0] }

    /// Bids, asks and whole quotes taken out.
    public var total: Int { counts.values.reduce(0, +) }

    mutating func add(_ reason: FilterReason, time: Timestamp, contract: OptionContract, found: Double, expected: String) {
        counts[reason, default: 0] += 1
        if self[reason] <= Self.examplesPerReason {
            examples.append(Example(reason: reason, time: time, contract: contract, found: found, expected: expected))
        }
    }

    public mutating func merge(_ other: FilterReport) {
        quotes += other.quotes
        var room: [FilterReason: Int] = [:]
        for reason in FilterReason.allCases { room[reason] = max(0, Self.examplesPerReason - min(self[reason], Self.examplesPerReason)) }
        for example in other.examples where room[example.reason, default: 0] > 0 {
            examples.append(example)
            room[example.reason, default: 0] -= 1
        }
        for (reason, count) in other.counts { counts[reason, default: 0] += count }
    }

    /// `3 far-from-mark, 1 crossed`, most frequent first; `nothing` for a clean market.
    public var summary: String {
        let parts = FilterReason.allCases.filter { self[$0] > 0 }.sorted { self[$0] > self[$1] }.map { "\(self[$0]) \($0.rawValue)" }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }
}
