public import Market

/// One interval's prices and volume.
public struct RecordedBar: Sendable, Hashable {
    /// When the interval begins.
    public var time: Timestamp
    public var open, high, low, close: Double
    /// Units of the base currency where the format says so, else as the venue counts it.
    public var volume: Double

    public init(time: Timestamp, open: Double, high: Double, low: Double, close: Double, volume: Double) {
        self.time = time
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }
}

/// A rate that a file may write in either of two units a hundred apart. Inside the house it is always the fraction: 1e-4, not 0.01 %.
public struct Rate: Sendable, Hashable, Comparable {
    /// What a file's numbers mean.
    public enum Unit: String, Sendable, Codable {
        /// 0.01 means 1e-4.
        case percent
        /// 1e-4 means 1e-4.
        case fraction

        var scale: Double { self == .percent ? 0.01 : 1 }
    }

    public var fraction: Double
    public var percent: Double { fraction * 100 }

    public init(fraction: Double) { self.fraction = fraction }
    public init(_ value: Double, _ unit: Unit) { self.init(fraction: unit == .percent ? value / 100 : value) }

    public static func < (a: Rate, b: Rate) -> Bool { a.fraction < b.fraction }
}

/// A funding rate that held for an interval.
public struct FundingRate: Sendable, Hashable {
    public var time: Timestamp
    /// Per eight hours; longs pay when it is positive.
    public var rate: Rate

    public init(time: Timestamp, rate: Rate) {
        self.time = time
        self.rate = rate
    }
}

/// A volatility index at one moment.
public struct VolatilityPoint: Sendable, Hashable {
    public var time: Timestamp
    /// Annual decimal: 0.5676 where the index shows 56.76.
    public var volatility: Double

    public init(time: Timestamp, volatility: Double) {
        self.time = time
        self.volatility = volatility
    }
}

/// Histories of prices, funding and implied volatility as data files hold them.
///
/// Every file is in order of time, without a moment twice. The format is told by the columns.
public enum HistoryFile: Sendable, Equatable {
    case bars([RecordedBar])
    case funding([FundingRate])
    case volatility([VolatilityPoint])

    /// What a file's columns mean.
    public enum Format: String, Sendable, CaseIterable {
        /// `date,open,high,low,close,volume_base,volume_quote,trades`
        case dailyBars = "daily-bars"
        /// `time,open,high,low,close,volume_base`
        case bars
        /// `time,open,high,low,close,volume`, volume as the venue counts it
        case venueBars = "venue-bars"
        /// `date,dvol`, per cent
        case volatilityIndex = "volatility-index"
        /// `time,funding_pct`, per cent for eight hours
        case fundingPercent = "funding-percent"
        /// `date,funding_mean,funding_abs`, the day's mean as a fraction for eight hours
        case fundingFraction = "funding-fraction"

        public var columns: [String] {
            switch self {
            case .dailyBars: ["date", "open", "high", "low", "close", "volume_base", "volume_quote", "trades"]
            case .bars: ["time", "open", "high", "low", "close", "volume_base"]
            case .venueBars: ["time", "open", "high", "low", "close", "volume"]
            case .volatilityIndex: ["date", "dvol"]
            case .fundingPercent: ["time", "funding_pct"]
            case .fundingFraction: ["date", "funding_mean", "funding_abs"]
            }
        }

        /// What the numbers of each column are.
        public var units: [String: String] {
            switch self {
            case .dailyBars:
                Self.barUnits("date", volume: "volume_base").merging(["volume_quote": "quote currency", "trades": "count"]) { $1 }
            case .bars: Self.barUnits("time", volume: "volume_base")
            case .venueBars: Self.barUnits("time", volume: "volume").merging(["volume": "as the venue counts it"]) { $1 }
            case .volatilityIndex: ["date": "UTC", "dvol": "per cent a year"]
            case .fundingPercent: ["time": "UTC", "funding_pct": "per cent for eight hours"]
            case .fundingFraction:
                ["date": "UTC", "funding_mean": "fraction for eight hours", "funding_abs": "fraction for eight hours, magnitude"]
            }
        }

        private static func barUnits(_ time: String, volume: String) -> [String: String] {
            var units = [time: "UTC, begin of the interval", volume: "base currency"]
            for price in ["open", "high", "low", "close"] { units[price] = "quote currency per unit of base" }
            return units
        }

        /// The format that a file's first line shows.
        public init(of file: DataFile) throws(FeedError) {
            let line = file.firstLine
            guard let format = Self.allCases.first(where: { $0.columns.joined(separator: ",") == line }) else {
                throw .unknownFormat(path: file.path, firstLine: printable(line), known: Self.allCases.map(\.rawValue))
            }
            self = format
        }

        /// The unit of a funding file's numbers, nil for other formats.
        public var fundingUnit: Rate.Unit? {
            switch self {
            case .fundingPercent: .percent
            case .fundingFraction: .fraction
            default: nil
            }
        }
    }

    /// Reads a file of any of the formats, compressed or not.
    public init(reading path: String) throws(FeedError) { try self.init(DataFile(reading: path)) }

    public init(_ file: DataFile) throws(FeedError) { try self.init(file, format: Format(of: file)) }

    public init(_ file: DataFile, format: Format) throws(FeedError) {
        var reader = HistoryReader(file: file, columns: format.columns)
        switch format {
        case .dailyBars, .bars, .venueBars: self = .bars(try reader.bars(hasQuoteVolume: format == .dailyBars))
        case .volatilityIndex:
            self = .volatility(
                try reader.rows { row, time throws(FeedError) in
                    VolatilityPoint(time: time, volatility: try row.number(1, .positive) / 100)
                })
        case .fundingPercent, .fundingFraction:
            guard let unit = format.fundingUnit else { preconditionFailure("\(format) is no funding format") }
            self = .funding(
                try reader.rows { row, time throws(FeedError) in
                    if unit == .fraction { _ = try row.number(2, .notNegative) }
                    let rate = Rate(try row.number(1, .any), unit)
                    guard NumberRange.fundingRate.contains(rate.fraction) else {
                        throw row.error(
                            1, expected: "a rate as a \(unit.rawValue), at most \(NumberRange.largestFundingRate / unit.scale) either way")
                    }
                    return FundingRate(time: time, rate: rate)
                })
        }
    }

    public var count: Int {
        switch self {
        case .bars(let rows): rows.count
        case .funding(let rows): rows.count
        case .volatility(let rows): rows.count
        }
    }

    /// First and last moment; nil for a file without rows.
    public var span: ClosedRange<Timestamp>? {
        let times: (Timestamp?, Timestamp?) =
            switch self {
            case .bars(let rows): (rows.first?.time, rows.last?.time)
            case .funding(let rows): (rows.first?.time, rows.last?.time)
            case .volatility(let rows): (rows.first?.time, rows.last?.time)
            }
        guard let first = times.0, let last = times.1 else { return nil }
        return first...last
    }
}

/// Rows that begin with a time and come in its order.
private struct HistoryReader {
    let file: DataFile
    let columns: [String]

    mutating func rows<Value>(_ decode: (CSVRow, Timestamp) throws(FeedError) -> Value) throws(FeedError) -> [Value] {
        var values: [Value] = []
        var last: Timestamp?
        try CSVRows(file, header: columns).forEach { row throws(FeedError) in
            let time = try Self.time(row)
            if let last, time <= last {
                throw .outOfOrder(path: row.path, line: row.line, found: time.iso8601, after: last.iso8601)
            }
            last = time
            values.append(try decode(row, time))
        }
        return values
    }

    /// Low ≤ open, close ≤ high.
    mutating func bars(hasQuoteVolume: Bool) throws(FeedError) -> [RecordedBar] {
        try rows { row, time throws(FeedError) in
            let bar = RecordedBar(
                time: time, open: try row.number(1, .positive), high: try row.number(2, .positive), low: try row.number(3, .positive),
                close: try row.number(4, .positive), volume: try row.number(5, .notNegative))
            guard bar.high >= max(bar.open, bar.close, bar.low) else {
                throw row.error(2, expected: "at least the open, low and close: \(max(bar.open, bar.close, bar.low))")
            }
            guard bar.low <= min(bar.open, bar.close) else {
                throw row.error(3, expected: "at most the open and close: \(min(bar.open, bar.close))")
            }
            if hasQuoteVolume {
                _ = try row.number(6, .notNegative)
                _ = try row.number(7, .notNegative)
            }
            return bar
        }
    }

    /// A day, `2024-12-31`, is its first moment; or a time, `2024-12-31T08:00:00Z`.
    private static func time(_ row: CSVRow) throws(FeedError) -> Timestamp {
        let text = row.text(0)
        do {
            return text.utf8.count == 10 ? Timestamp(try CivilDate(iso8601: text)) : try Timestamp(iso8601: text)
        } catch {
            throw row.error(0, expected: "a day like 2024-12-31 or a time like 2024-12-31T08:00:00Z")
        }
    }
}
