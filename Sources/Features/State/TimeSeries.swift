public import Market

/// Something that is known from a moment on.
public protocol Dated: Sendable {
    var time: Timestamp { get }
}

/// Dated values in order of time, the past of something. Cutting it at a time shares the storage and hides what comes after.
public struct TimeSeries<Element: Dated>: Sendable {
    /// In order of time; of several at one moment, in the order in which they were given.
    public private(set) var elements: ArraySlice<Element>

    public init(_ elements: [Element] = []) {
        let order = elements.indices.sorted { (elements[$0].time, $0) < (elements[$1].time, $1) }
        self.elements = order.map { elements[$0] }[...]
    }

    public var last: Element? { elements.last }

    /// What was known at a time, that moment included.
    public func known(at time: Timestamp) -> TimeSeries {
        var series = self
        series.elements = elements[..<partition(after: time)]
        return series
    }

    /// The elements of the `days` before a time, that time included and the moment `days` before it excluded.
    public func last(days: Double, before time: Timestamp) -> ArraySlice<Element> {
        elements[partition(after: time.adding(days: -days))..<partition(after: time)]
    }

    /// Puts an element behind all that are not newer.
    public mutating func insert(_ element: Element) { elements.insert(element, at: partition(after: element.time)) }

    /// Drops what is older than a time.
    public mutating func forget(before time: Timestamp) { elements.removeAll { $0.time < time } }

    /// Index of the first element after a time, by bisection.
    private func partition(after time: Timestamp) -> Int {
        var low = elements.startIndex
        var high = elements.endIndex
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension TimeSeries: Equatable where Element: Equatable {}
extension TimeSeries: Hashable where Element: Hashable {}
