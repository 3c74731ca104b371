/// A recording over time: how far apart its snapshots lie, how much of it is liquid, how much cannot be a price, how well surfaces meet
/// its quotes.
public struct RecordingQuality: Sendable, Equatable {
    /// One snapshot.
    public struct Point: Sendable, Equatable {
        /// Days since the recording's first snapshot.
        public var day: Double
        public var options: Int
        /// Those of them with a quote that is liquid enough to fit.
        public var liquid: Int
        /// Bids, asks and quotes that the filter takes out.
        public var badQuotes: Int
        /// Share of liquid quotes with the fitted price inside bid and ask; nil where no surface could be fitted.
        public var insideBidAsk: Double?

        public init(day: Double, options: Int, liquid: Int, badQuotes: Int, insideBidAsk: Double?) {
            self.day = day
            self.options = options
            self.liquid = liquid
            self.badQuotes = badQuotes
            self.insideBidAsk = insideBidAsk
        }
    }

    /// One currency's, in order of time.
    public struct Series: Sendable, Equatable {
        public var currency: String
        public var points: [Point]

        public init(currency: String, points: [Point]) {
            self.currency = currency
            self.points = points
        }

        /// Median over the snapshots of each day that has one.
        public var daily: [(day: Double, insideBidAsk: Double)] {
            let shares = points.compactMap { point in point.insideBidAsk.map { (day: point.day.rounded(.down), share: $0) } }
            return Dictionary(grouping: shares, by: \.day).map { day, group in
                let sorted = group.map(\.share).sorted()
                return (day, (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2)
            }.sorted { $0.day < $1.day }
        }

        /// The curve of the days' medians, for a terminal; empty where fewer than two days have a surface.
        public var text: String { TextPlot(daily.map { ($0.day, $0.insideBidAsk) }).text }
    }

    public var name: String
    /// The day from which days are counted.
    public var firstDay: String
    public var series: [Series]

    public init(name: String, firstDay: String, series: [Series]) {
        self.name = name
        self.firstDay = firstDay
        self.series = series
    }

    public var figure: SVGFigure {
        let colours = Palette.colours(series.map(\.currency)).map(\.colour)
        func panel(_ title: String, _ label: String, isShare: Bool, _ values: (Series) -> (x: [Double], y: [Double])) -> SVGPanel {
            SVGPanel(
                title: title, xLabel: "days since \(firstDay)", yLabel: label,
                series: series.enumerated().map { place, series in
                    let (x, y) = values(series)
                    return SVGPanel.Series(series.currency, colour: colours[place], .line, x: x, y: y)
                }, yIsShare: isShare)
        }
        let hasBadQuotes = series.contains { $0.points.contains { $0.badQuotes > 0 } }
        let bad = panel("Bids, asks and quotes that cannot be prices", "share of options", isShare: true) { series in
            (series.points.map(\.day), series.points.map { Double($0.badQuotes) / Double(max($0.options, 1)) })
        }
        return SVGFigure(
            title: name, subtitle: "\(series.reduce(0) { $0 + $1.points.count }) snapshots",
            panels: [
                panel("Quotes with the fitted price inside bid and ask, a day's median", "share", isShare: true) { series in
                    (series.daily.map(\.day), series.daily.map(\.insideBidAsk))
                },
                panel("Between snapshots", "hours", isShare: false) { series in
                    let days = series.points.map(\.day)
                    return (Array(days.dropFirst()), zip(days, days.dropFirst()).map { ($1 - $0) * 24 })
                },
                panel("Options with a liquid quote", "share", isShare: true) { series in
                    (series.points.map(\.day), series.points.map { Double($0.liquid) / Double(max($0.options, 1)) })
                },
            ] + (hasBadQuotes ? [bad] : []), panelHeight: 240)
    }
}
