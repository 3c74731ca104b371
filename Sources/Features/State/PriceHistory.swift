public import Market

/// One bar of a price: what it did between two times. A single observation has all four equal.
public struct PriceBar: Dated, Hashable, Codable {
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

    public var time: Timestamp { end }

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
    private var series: TimeSeries<PriceBar>

    /// Sorts, drops bars that are not valid, and keeps the first of several that end together.
    public init(_ bars: [PriceBar] = []) {
        var kept: [PriceBar] = []
        for bar in TimeSeries(bars.filter(\.isValid)).elements where kept.last.map({ $0.end < bar.end }) ?? true { kept.append(bar) }
        series = TimeSeries(kept)
    }

    /// In order of `end`, which strictly rises.
    public var bars: ArraySlice<PriceBar> { series.elements }

    /// The history as it was known at a time: bars that had ended by then.
    public func known(at time: Timestamp) -> PriceHistory {
        var history = self
        history.series = series.known(at: time)
        return history
    }

    /// The bars that ended in the `days` before a time, that time included.
    public func last(days: Double, before time: Timestamp) -> ArraySlice<PriceBar> { series.last(days: days, before: time) }

    /// Adds a bar at the end; one that is not valid or not newer than the last is left out.
    public mutating func append(_ bar: PriceBar) {
        if bar.isValid, series.last.map({ $0.end < bar.end }) ?? true { series.insert(bar) }
    }

    /// Drops bars that ended before a time.
    public mutating func forget(before time: Timestamp) { series.forget(before: time) }
}
