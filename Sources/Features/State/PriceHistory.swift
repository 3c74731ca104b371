public import Market

/// One bar of a price: what it did between two times. A single observation has all four equal.
public struct PriceBar: Sendable, Hashable, Codable {
    /// When the bar was complete: it is known from here on.
    public var end: Timestamp
    public var open: Double
    public var high: Double
    public var low: Double
    public var close: Double

    public init(end: Timestamp, open: Double, high: Double, low: Double, close: Double) {
        self.end = end
        self.open = open
        self.high = high
        self.low = low
        self.close = close
    }

    /// A price seen at one moment.
    public init(_ price: Double, at time: Timestamp) {
        self.init(end: time, open: price, high: price, low: price, close: price)
    }

    /// Whether all four prices are positive and finite and the low and high enclose the others.
    public var isValid: Bool {
        [open, high, low, close].allSatisfy { $0.isFinite && $0 > 0 } && low <= min(open, close) && high >= max(open, close)
    }
}

/// A price of the past, in order of time: what realised volatility is measured on. Cutting it shares the storage.
public struct PriceHistory: Sendable, Hashable {
    /// In order of `end`, which strictly rises.
    public private(set) var bars: ArraySlice<PriceBar>

    /// Sorts, drops bars that are not valid, and keeps the first of several that end together.
    public init(_ bars: [PriceBar] = []) {
        var kept: [PriceBar] = []
        for bar in bars.filter(\.isValid).sorted(by: { $0.end < $1.end }) where kept.last.map({ $0.end < bar.end }) ?? true {
            kept.append(bar)
        }
        self.bars = kept[...]
    }

    /// The history as it was known at a time: bars that had ended by then.
    public func known(at time: Timestamp) -> PriceHistory {
        var history = self
        history.bars = bars[..<partition(after: time)]
        return history
    }

    /// The bars that ended in the `days` before a time, that time included.
    public func last(days: Double, before time: Timestamp) -> ArraySlice<PriceBar> {
        bars[partition(after: time.adding(days: -days))..<partition(after: time)]
    }

    /// Adds a bar at the end; one that is not valid or not newer than the last is left out.
    public mutating func append(_ bar: PriceBar) {
        if bar.isValid, bars.last.map({ $0.end < bar.end }) ?? true { bars.append(bar) }
    }

    /// Drops bars that ended before a time.
    public mutating func forget(before time: Timestamp) { bars.removeAll { $0.end < time } }

    /// Index of the first bar that ended after a time, by bisection.
    private func partition(after time: Timestamp) -> Int {
        var low = bars.startIndex
        var high = bars.endIndex
        while low < high {
            let middle = (low + high) / 2
            if bars[middle].end <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
