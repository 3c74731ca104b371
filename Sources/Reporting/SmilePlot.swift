import RealModule
import Store

/// One expiry's smile for a terminal: a stroke from bid to ask for every strike's closest quote, the fitted curve across them in dots, and below the axis
/// a mark for every quote that the curve misses.
///
///     27 Mar 2026, 50.7 days, 58 of 60 inside
///     93.4 % │╷
///            ⠱⡀
///            │⠘⢄        ╷
///            │  ⠑⠢⠤⣀⣀⡠⠤⠒⠁
///     61.0 % │    ╵ ╵
///            └──────┴─────────
///             70000 91234 140000
///             ··▲·········
///
/// ▲ the curve lies above the ask, ▼ below the bid, · between them. Strikes are spaced by their logarithm; ┴ is the forward.
public struct SmilePlot: Sendable {
    public var slice: ComparisonTables.Slice
    /// Quote currency per unit: with it the axis shows strikes, without it log-moneyness.
    public var forward: Double?
    public var title: String
    /// Characters, title, axis and marks included.
    public var width = 76
    public var height = 20

    public init(_ slice: ComparisonTables.Slice, forward: Double? = nil, title: String? = nil) {
        self.slice = slice
        self.forward = forward
        self.title = title ?? slice.heading
    }

    /// Lines, each ended by a newline.
    public func text(colour: Bool = false) -> String {
        var canvas = TextCanvas(width: width, height: height)
        draw(on: &canvas, left: 0, top: 0)
        return canvas.text(colour: colour)
    }

    /// Plots beside and below each other, as many in a row as the terminal's width has room for.
    public static func sheet(_ plots: [SmilePlot], width: Int, colour: Bool = false) -> String {
        let (gap, narrowest, height) = (2, 38, 13)
        let across = max(1, min(plots.count, (width + gap) / (narrowest + gap)))
        let each = max(narrowest, (width + gap) / across - gap)
        let rows = (plots.count + across - 1) / across
        return (0..<rows).map { row in
            var canvas = TextCanvas(width: across * (each + gap) - gap, height: height)
            for (place, plot) in plots.dropFirst(row * across).prefix(across).enumerated() {
                var plot = plot
                (plot.width, plot.height) = (each, height)
                plot.draw(on: &canvas, left: place * (each + gap), top: 0)
            }
            return canvas.text(colour: colour)
        }.joined(separator: "\n")
    }

    private static let margin = 8

    func draw(on canvas: inout TextCanvas, left: Int, top: Int) {
        canvas.put(String(title.prefix(width)), row: top, column: left, style: .heading)
        let curve = slice.fitted.filter { $0.logMoneyness.isFinite && $0.volatility.isFinite }
        let quotes = slice.quotes.filter { $0.bid.isFinite && $0.ask.isFinite && $0.logMoneyness.isFinite }
        guard width > Self.margin + 3, height > 5, let first = curve.first, let last = curve.last, first.logMoneyness < last.logMoneyness
        else { return }
        let axes = Axes(
            x: left + Self.margin + 1, y: top + 1, columns: width - Self.margin - 1, rows: height - 4,
            moneyness: first.logMoneyness...last.logMoneyness, volatility: slice.range(room: 0.06))
        drawFrame(axes, on: &canvas)
        drawQuotes(axes, on: &canvas)
        drawCurve(axes, on: &canvas)
        drawMarks(quotes, axes, on: &canvas)
    }

    /// Where on the canvas and over which values.
    private struct Axes {
        let x: Int
        let y: Int
        let columns: Int
        let rows: Int
        let moneyness: ClosedRange<Double>
        let volatility: ClosedRange<Double>

        func column(_ k: Double) -> Int {
            let share = (k - moneyness.lowerBound) / (moneyness.upperBound - moneyness.lowerBound)
            return min(max(Int((share * Double(columns - 1)).rounded()), 0), columns - 1)
        }

        /// From the top, `parts` to a row; beyond the picture at most one place.
        func place(_ value: Double, parts: Int) -> Int {
            let share = (volatility.upperBound - value) / (volatility.upperBound - volatility.lowerBound)
            return Int(min(max(share * Double(rows * parts), -1), Double(rows * parts)).rounded(.down))
        }
    }

    private func drawFrame(_ axes: Axes, on canvas: inout TextCanvas) {
        let (x, bottom) = (axes.x, axes.y + axes.rows)
        for row in 0..<axes.rows { canvas.put("│", row: axes.y + row, column: x - 1, style: .faint) }
        for (row, value) in [(axes.y, axes.volatility.upperBound), (bottom - 1, axes.volatility.lowerBound)] {
            let label = DecimalText.fixed(value * 100, decimals: 1) + " %"
            canvas.put(label, row: row, column: x - 2 - label.count, style: .faint)
        }
        canvas.put("└" + String(repeating: "─", count: axes.columns), row: bottom, column: x - 1, style: .faint)
        let (low, high) = (label(axes.moneyness.lowerBound), label(axes.moneyness.upperBound))
        canvas.put(low, row: bottom + 1, column: x, style: .faint)
        canvas.put(high, row: bottom + 1, column: x + axes.columns - high.count, style: .faint)
        guard axes.moneyness.contains(0) else { return }
        canvas.put("┴", row: bottom, column: x + axes.column(0), style: .faint)
        let middle = label(0)
        let start = axes.column(0) - middle.count / 2
        guard start > low.count, start + middle.count < axes.columns - high.count else { return }
        canvas.put(middle, row: bottom + 1, column: x + start, style: .faint)
    }

    /// A strike, or log-moneyness where the forward is not known.
    private func label(_ k: Double) -> String {
        guard let forward else { return DecimalText.fixed(k, decimals: 2) }
        return DecimalText.significant(forward * Double.exp(k), digits: 4)
    }

    /// In half rows: one of its own for a spread of nothing.
    private func drawQuotes(_ axes: Axes, on canvas: inout TextCanvas) {
        var halves = [Bool](repeating: false, count: 2 * axes.rows * axes.columns)
        for quote in slice.narrowest {
            let (from, to) = (max(axes.place(quote.ask, parts: 2), 0), min(axes.place(quote.bid, parts: 2), 2 * axes.rows - 1))
            guard from <= to else { continue }
            for half in from...to { halves[half * axes.columns + axes.column(quote.logMoneyness)] = true }
        }
        for row in 0..<axes.rows {
            for column in 0..<axes.columns {
                let (upper, lower) = (halves[2 * row * axes.columns + column], halves[(2 * row + 1) * axes.columns + column])
                guard upper || lower else { continue }
                canvas.put(upper && lower ? "│" : upper ? "╵" : "╷", row: axes.y + row, column: axes.x + column, style: .faint)
            }
        }
    }

    /// In the braille characters' two dots by four; a steep piece is a stroke from where the last column was.
    private func drawCurve(_ axes: Axes, on canvas: inout TextCanvas) {
        let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        var dots = [UInt32](repeating: 0, count: axes.rows * axes.columns)
        var previous: Int?
        for column in 0..<2 * axes.columns {
            let share = Double(column) / Double(2 * axes.columns - 1)
            let k = axes.moneyness.lowerBound + (axes.moneyness.upperBound - axes.moneyness.lowerBound) * share
            guard let volatility = slice.volatility(at: min(k, axes.moneyness.upperBound)) else { continue }
            let place = axes.place(volatility, parts: 4)
            let from = previous.map { $0 < place ? $0 + 1 : $0 > place ? $0 - 1 : place } ?? place
            for dot in min(from, place)...max(from, place) where (0..<4 * axes.rows).contains(dot) {
                dots[dot / 4 * axes.columns + column / 2] |= bits[dot % 4][column % 2]
            }
            previous = place
        }
        for (cell, pattern) in dots.enumerated() where pattern != 0 {
            let character = String(Unicode.Scalar(0x2800 + pattern) ?? " ")
            canvas.put(character, row: axes.y + cell / axes.columns, column: axes.x + cell % axes.columns, style: .curve)
        }
    }

    /// A miss is shown over a quote of the same column that is met.
    private func drawMarks(_ quotes: [(logMoneyness: Double, bid: Double, ask: Double)], _ axes: Axes, on canvas: inout TextCanvas) {
        var misses: Set<Int> = []
        for quote in quotes {
            guard let fitted = slice.volatility(at: quote.logMoneyness) else { continue }
            let column = axes.column(quote.logMoneyness)
            let isMissed = fitted > quote.ask || fitted < quote.bid
            guard isMissed || !misses.contains(column) else { continue }
            if isMissed { misses.insert(column) }
            canvas.put(
                fitted > quote.ask ? "▲" : fitted < quote.bid ? "▼" : "·", row: axes.y + axes.rows + 2, column: axes.x + column,
                style: isMissed ? .alarm : .faint)
        }
    }
}

extension ComparisonTables.Slice {
    /// Quotes with both sides, and those of them that the curve meets.
    var met: (inside: Int, all: Int) {
        quotes.reduce(into: (0, 0)) { count, quote in
            guard quote.bid.isFinite, quote.ask.isFinite, let fitted = volatility(at: quote.logMoneyness) else { return }
            count.1 += 1
            count.0 += fitted >= quote.bid && fitted <= quote.ask ? 1 : 0
        }
    }

    /// Of every log-moneyness the quote whose sides lie closest: the option out of the money, as a rule.
    var narrowest: [(logMoneyness: Double, bid: Double, ask: Double)] {
        let two = quotes.filter { $0.logMoneyness.isFinite && $0.bid.isFinite && $0.ask.isFinite }
        return two.sorted { ($0.logMoneyness, $0.ask - $0.bid) < ($1.logMoneyness, $1.ask - $1.bid) }.reduce(into: []) { chosen, quote in
            if chosen.last?.logMoneyness != quote.logMoneyness { chosen.append(quote) }
        }
    }

    /// Lowest and highest of the curve and of the quotes' middles, with room: a far quote's ask may leave the picture.
    func range(room share: Double) -> ClosedRange<Double> {
        let values = fitted.map(\.volatility).filter(\.isFinite) + narrowest.filter { $0.bid > 0 }.map { ($0.bid + $0.ask) / 2 }
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let room = max(share * (high - low), 1e-4)
        return max(low - room, 0)...high + room
    }

    /// `27 Mar 2026, 50.7 days, 58 of 60 inside`.
    var heading: String {
        let met = met
        return "\(expiry), \(DecimalText.significant(timeToExpiry * 365, digits: 3)) days, \(met.inside) of \(met.all) inside"
    }
}
