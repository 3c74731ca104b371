import Store

/// One set of axes with what is drawn on them. Points that are not finite are left out and break lines.
public struct SVGPanel: Sendable {
    public enum Mark: Sendable {
        case line
        case dashedLine
        case points
        /// Outline of bars between x[i] and x[i+1] with height y[i], and a light filling: x has one value more than y.
        case bars
        /// A vertical stroke from low to high at each x.
        case intervals
    }

    public struct Series: Sendable {
        /// Named in the legend of the figure; empty for none.
        public var name: String
        public var colour: String
        public var mark: Mark
        public var x: [Double]
        public var y: [Double]
        /// Upper ends of intervals; `y` is the lower end.
        public var high: [Double]
        /// Texts beside points.
        public var labels: [String]
        public var isEmphasised: Bool

        public init(
            _ name: String, colour: String, _ mark: Mark, x: [Double], y: [Double], high: [Double] = [], labels: [String] = [],
            isEmphasised: Bool = false
        ) {
            self.name = name
            self.colour = colour
            self.mark = mark
            self.x = x
            self.y = y
            self.high = high
            self.labels = labels
            self.isEmphasised = isEmphasised
        }
    }

    /// A line across the panel, with a text at its end.
    public struct Reference: Sendable {
        public enum Direction: Sendable { case horizontal, vertical }
        public var direction: Direction
        public var value: Double
        public var label: String
        public var colour: String

        public init(_ direction: Direction, _ value: Double, label: String, colour: String) {
            self.direction = direction
            self.value = value
            self.label = label
            self.colour = colour
        }
    }

    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var series: [Series]
    public var references: [Reference]
    /// nil: as wide as the data.
    public var xRange: ClosedRange<Double>?
    public var yRange: ClosedRange<Double>?
    /// Tick texts of x = 0, 1, ... where the axis has names instead of numbers.
    public var xNames: [String]
    /// Tick texts in per cent.
    public var yIsShare: Bool

    public init(
        title: String = "", xLabel: String, yLabel: String, series: [Series], references: [Reference] = [],
        xRange: ClosedRange<Double>? = nil,
        yRange: ClosedRange<Double>? = nil, xNames: [String] = [], yIsShare: Bool = false
    ) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
        self.references = references
        self.xRange = xRange
        self.yRange = yRange
        self.xNames = xNames
        self.yIsShare = yIsShare
    }
}

/// A picture of one or more panels under one title and one legend, as SVG text: what a report shows where no Python drew it.
public struct SVGFigure: Sendable {
    public var title: String
    public var subtitle: String
    public var panels: [SVGPanel]
    /// Panels beside each other.
    public var columns: Int
    /// Pixels.
    public var panelWidth: Double
    public var panelHeight: Double

    public init(
        title: String, subtitle: String = "", panels: [SVGPanel], columns: Int = 1, panelWidth: Double = 760, panelHeight: Double = 340
    ) {
        self.title = title
        self.subtitle = subtitle
        self.panels = panels
        self.columns = max(columns, 1)
        self.panelWidth = panelWidth
        self.panelHeight = panelHeight
    }

    public var svg: String {
        let across = min(columns, max(panels.count, 1))
        let rows = (panels.count + across - 1) / across
        let width = panelWidth * Double(across)
        var canvas = SVGCanvas()
        var top = 7.0
        for line in Self.wrapped(title, columns: Int((width - 28) / 9.5)) {
            top += 19
            canvas.text(line, x: 14, y: top, size: 15, weight: 600)
        }
        if !subtitle.isEmpty {
            top += 19
            canvas.text(subtitle, x: 14, y: top, size: 12, colour: Palette.faint)
        }
        let entries = legend
        if entries.count > 0 {
            top += 22
            var x = 14.0
            for entry in entries {
                let length = 30 + 6.6 * Double(entry.name.count) + 14
                if x + length > width, x > 14 { (x, top) = (14, top + 18) }
                canvas.sample(entry, x: x, y: top - 4)
                canvas.text(entry.name, x: x + 26, y: top, size: 12)
                x += length
            }
        }
        top += 12
        for (index, panel) in panels.enumerated() {
            SVGAxes(
                panel, left: panelWidth * Double(index % across), top: top + panelHeight * Double(index / across), width: panelWidth,
                height: panelHeight
            ).draw(on: &canvas)
        }
        return canvas.document(width: width, height: top + panelHeight * Double(rows))
    }

    /// Lines of whole words, each at most so many characters where its words allow it.
    private static func wrapped(_ text: String, columns: Int) -> [String] {
        text.split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= columns {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
    }

    /// Every name once, in order of appearance.
    private var legend: [SVGPanel.Series] {
        var entries: [SVGPanel.Series] = []
        for series in panels.flatMap(\.series) where !series.name.isEmpty && !entries.contains(where: { $0.name == series.name }) {
            entries.append(series)
        }
        return entries.count > 1 || panels.count > 1 ? entries : []
    }
}

/// SVG elements under way.
struct SVGCanvas {
    private var body = ""

    /// Two decimals are a hundredth of a pixel.
    static func number(_ value: Double) -> String { DecimalText.fixed(value, decimals: 2) }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { out, character in
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            default: out.append(character)
            }
        }
    }

    mutating func text(
        _ text: String, x: Double, y: Double, size: Int, weight: Int = 400, colour: String = Palette.ink, anchor: String = "start",
        rotated: Bool = false
    ) {
        let turn = rotated ? " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" : ""
        let bold = weight == 400 ? "" : " font-weight=\"\(weight)\""
        body +=
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(size)\"\(bold) fill=\"\(colour)\" text-anchor=\"\(anchor)\"\(turn)>"
        body += Self.escaped(text) + "</text>\n"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String, width: Double = 1, dash: String = "") {
        let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        body += "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\""
        body += " stroke=\"\(colour)\" stroke-width=\"\(width)\"\(dashes)/>\n"
    }

    mutating func path(_ points: [(Double, Double)], colour: String, width: Double, dash: String = "", isFilled: Bool = false) {
        guard points.count > 1 else { return }
        let route = points.map { "\(Self.number($0.0)) \(Self.number($0.1))" }.joined(separator: "L")
        let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        if isFilled { body += "<path d=\"M\(route)Z\" fill=\"\(colour)\" fill-opacity=\"0.16\" stroke=\"none\"/>\n" }
        body += "<path d=\"M\(route)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(width)\" stroke-linejoin=\"round\"\(dashes)/>\n"
    }

    mutating func dot(_ x: Double, _ y: Double, radius: Double, colour: String) {
        body +=
            "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(radius)\" fill=\"\(colour)\" stroke=\"white\" stroke-width=\"0.8\"/>\n"
    }

    mutating func sample(_ series: SVGPanel.Series, x: Double, y: Double) {
        switch series.mark {
        case .points: dot(x + 10, y, radius: 4, colour: series.colour)
        case .intervals: line(x + 10, y - 6, x + 10, y + 6, colour: series.colour, width: 2)
        case .dashedLine: line(x, y, x + 20, y, colour: series.colour, width: 2, dash: "5 3")
        case .line, .bars: line(x, y, x + 20, y, colour: series.colour, width: series.isEmphasised ? 3 : 2)
        }
    }

    mutating func clip(x: Double, y: Double, width: Double, height: Double, _ draw: (inout SVGCanvas) -> Void) {
        // A nested viewport clips without identifiers, which would have to be unique over a whole notebook.
        let box = [x, y, width, height].map(Self.number)
        body += "<svg x=\"\(box[0])\" y=\"\(box[1])\" width=\"\(box[2])\" height=\"\(box[3])\" viewBox=\"\(box.joined(separator: " "))\">\n"
        draw(&self)
        body += "</svg>\n"
    }

    func document(width: Double, height: Double) -> String {
        let (width, height) = (Self.number(width), Self.number(height))
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
            + "font-family=\"Helvetica, Arial, sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\(body)</svg>\n"
    }
}

/// A panel at its place: scales, ticks, marks.
struct SVGAxes {
    let panel: SVGPanel
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let x: PlotScale
    let y: PlotScale

    init(_ panel: SVGPanel, left: Double, top: Double, width: Double, height: Double) {
        self.panel = panel
        self.left = left + 66
        right = left + width - 16
        self.top = top + (panel.title.isEmpty ? 8 : 26)
        bottom = top + height - 46
        // Where nothing is drawn the axis need not reach.
        let drawn = panel.series.flatMap { series in
            if case .bars = series.mark { return series.x }
            return zip(series.x, series.y).filter { $0.1.isFinite }.map(\.0)
        }
        let xs = drawn + panel.references.filter { $0.direction == .vertical }.map(\.value)
        let ys = panel.series.flatMap { $0.y + $0.high } + panel.references.filter { $0.direction == .horizontal }.map(\.value)
        let hasBars = panel.series.contains { if case .bars = $0.mark { true } else { false } }
        let hasPoints = panel.series.contains { !$0.labels.isEmpty }
        x = PlotScale(xs, range: panel.xRange, margin: hasPoints ? 0.12 : panel.xNames.isEmpty ? 0.01 : 0.06, includesZero: false)
        y = PlotScale(ys, range: panel.yRange, margin: 0.08, includesZero: hasBars)
    }

    private func place(_ x: Double, _ y: Double) -> (Double, Double) {
        (left + self.x.share(x) * (right - left), bottom - self.y.share(y) * (bottom - top))
    }

    func draw(on canvas: inout SVGCanvas) {
        if !panel.title.isEmpty { canvas.text(panel.title, x: left, y: top - 9, size: 12, weight: 600) }
        for tick in y.ticks(max(Int((bottom - top) / 38), 2)) {
            let height = place(x.low, tick.value).1
            canvas.line(left, height, right, height, colour: Palette.grid)
            let text = panel.yIsShare ? PlotScale.percent(tick.value, step: tick.step) : tick.text
            canvas.text(text, x: left - 7, y: height + 4, size: 11, colour: Palette.faint, anchor: "end")
        }
        let named = panel.xNames.enumerated().map { (value: Double($0.offset), text: $0.element) }
        let ticks = named.isEmpty ? x.ticks(max(Int((right - left) / 70), 3)).map { (value: $0.value, text: $0.text) } : named
        for tick in ticks {
            let across = place(tick.value, y.low).0
            canvas.line(across, bottom, across, bottom + 4, colour: Palette.faint)
            canvas.text(tick.text, x: across, y: bottom + 17, size: 11, colour: Palette.faint, anchor: "middle")
        }
        canvas.line(left, bottom, right, bottom, colour: Palette.faint)
        canvas.text(panel.xLabel, x: (left + right) / 2, y: bottom + 35, size: 12, anchor: "middle")
        canvas.text(panel.yLabel, x: left - 50, y: (top + bottom) / 2, size: 12, anchor: "middle", rotated: true)
        canvas.clip(x: left, y: top - 2, width: right - left, height: bottom - top + 3) { canvas in
            for series in panel.series where !series.isEmphasised { draw(series, on: &canvas) }
            for series in panel.series where series.isEmphasised { draw(series, on: &canvas) }
        }
        for (index, reference) in panel.references.enumerated() { draw(reference, index: index, on: &canvas) }
        var taken: [(x: Double, y: Double)] = []
        for series in panel.series {
            for (index, label) in series.labels.enumerated() where !label.isEmpty && series.x[index].isFinite && series.y[index].isFinite {
                var (across, height) = place(series.x[index], series.y[index])
                // Labels of neighbouring points are stacked.
                while taken.contains(where: { ($0.x - across).magnitude < 90 && ($0.y - height).magnitude < 13 }) { height += 13 }
                taken.append((across, height))
                // On the left of the point where the right edge is near.
                let isNearEdge = across + 10 + 6 * Double(label.count) > right
                canvas.text(
                    label, x: isNearEdge ? across - 8 : across + 8, y: height - 6, size: 11, weight: series.isEmphasised ? 600 : 400,
                    colour: series.colour, anchor: isNearEdge ? "end" : "start")
            }
        }
    }

    private func draw(_ series: SVGPanel.Series, on canvas: inout SVGCanvas) {
        let width = series.isEmphasised ? 2.6 : 1.6
        switch series.mark {
        case .line, .dashedLine:
            let dash = if case .dashedLine = series.mark { "5 3" } else { "" }
            for run in finiteRuns(series) { canvas.path(run, colour: series.colour, width: width, dash: dash) }
        case .points:
            for (x, y) in zip(series.x, series.y) where x.isFinite && y.isFinite {
                let (across, height) = place(x, y)
                canvas.dot(across, height, radius: series.isEmphasised ? 5 : 3.6, colour: series.colour)
            }
        case .bars:
            var outline = [place(series.x[0], 0)]
            for (index, height) in series.y.enumerated() {
                outline += [place(series.x[index], height), place(series.x[index + 1], height)]
            }
            outline.append(place(series.x[series.y.count], 0))
            canvas.path(outline, colour: series.colour, width: width, isFilled: series.isEmphasised)
        case .intervals:
            for (index, x) in series.x.enumerated() where x.isFinite && series.y[index].isFinite && series.high[index].isFinite {
                let (across, low) = place(x, series.y[index])
                let high = place(x, series.high[index]).1
                // A touch beyond both ends, so that a spread of nothing is still seen.
                canvas.line(across, low + 0.8, across, high - 0.8, colour: series.colour, width: 2.4)
            }
        }
    }

    private func draw(_ reference: SVGPanel.Reference, index: Int, on canvas: inout SVGCanvas) {
        switch reference.direction {
        case .horizontal:
            let height = place(x.low, reference.value).1
            canvas.line(left, height, right, height, colour: reference.colour, width: 1.2, dash: "2 3")
            canvas.text(reference.label, x: right - 4, y: height - 5, size: 11, colour: reference.colour, anchor: "end")
        case .vertical:
            let across = place(reference.value, y.low).0
            let length = 10 + 6 * Double(reference.label.count)
            let isLeft = across + length > right || across - length > left && across < (left + right) / 2
            canvas.line(across, top, across, bottom, colour: reference.colour, width: 1.2, dash: "2 3")
            canvas.text(
                reference.label, x: across + (isLeft ? -6 : 6), y: top + 11 + 15 * Double(index), size: 11, colour: reference.colour,
                anchor: isLeft ? "end" : "start")
        }
    }

    private func finiteRuns(_ series: SVGPanel.Series) -> [[(Double, Double)]] {
        var runs: [[(Double, Double)]] = [[]]
        for (x, y) in zip(series.x, series.y) {
            if x.isFinite && y.isFinite { runs[runs.count - 1].append(place(x, y)) } else { runs.append([]) }
        }
        return runs
    }
}

/// A linear axis with round ticks.
struct PlotScale {
    let low: Double
    let high: Double

    /// - Parameter margin: Room beyond the data on both sides, share of its span.
    init(_ values: [Double], range: ClosedRange<Double>?, margin: Double, includesZero: Bool) {
        if let range, range.lowerBound < range.upperBound {
            (low, high) = (range.lowerBound, range.upperBound)
            return
        }
        let finite = values.filter(\.isFinite)
        let smallest = min(finite.min() ?? 0, includesZero ? 0 : .infinity)
        let largest = max(finite.max() ?? 1, includesZero ? 0 : -.infinity)
        let span = largest - smallest
        guard span > 0 else {
            let room = max(smallest.magnitude * 0.1, 1e-9)
            (low, high) = (smallest - room, largest + room)
            return
        }
        low = includesZero && smallest == 0 ? 0 : smallest - margin * span
        high = largest + margin * span
    }

    func share(_ value: Double) -> Double { (value - low) / (high - low) }

    /// About `count` multiples of 1, 2 or 5 times a power of ten.
    func ticks(_ count: Int) -> [(value: Double, text: String, step: Double)] {
        let rough = (high - low) / Double(count)
        var power = 1.0
        var decimals = 0
        while power * 10 <= rough { power *= 10 }
        while power > rough { (power, decimals) = (power / 10, decimals + 1) }
        let factor = [1.0, 2, 5, 10].first { $0 * power >= rough } ?? 10
        let step = factor * power
        if factor == 10, decimals > 0 { decimals -= 1 }
        let first = Int((low / step).rounded(.up))
        let last = Int((high / step).rounded(.down))
        guard first <= last else { return [] }
        return (first...last).map { index in
            let value = Double(index) * step
            return (value, DecimalText.fixed(value, decimals: min(decimals, 12)), step)
        }
    }

    static func percent(_ share: Double, step: Double) -> String {
        DecimalText.fixed(share * 100, decimals: step >= 0.00999 ? 0 : step >= 0.000999 ? 1 : 2) + " %"
    }
}
