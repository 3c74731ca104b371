import Store

/// A curve for a terminal, drawn in dots of which a character holds two by four.
///
///     3.021 ┤⡀
///           │⠘⢄
///           │  ⠑⠤⣀⡀
///     2.887 ┤┄┄┄┄┄┄⠉⠒⠒⠤⠤⠤⠤⠤⠤
///           └───────────────
///            25          500
public struct TextPlot: Sendable {
    /// In ascending x; points that are not finite are left out.
    public var points: [(x: Double, y: Double)]
    /// A value drawn across.
    public var reference: Double?
    /// Characters.
    public var width = 60
    public var height = 10

    public init(_ points: [(x: Double, y: Double)], reference: Double? = nil) {
        self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
        self.reference = reference
    }

    /// Lines, each ended by a newline; empty for fewer than two points.
    public var text: String {
        guard points.count > 1, let first = points.first, let last = points.last, last.x > first.x else { return "" }
        let values = points.map(\.y) + (reference.map { [$0] } ?? [])
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let (columns, rows) = (2 * width, 4 * height)
        // A level line lies halfway up, and its value stands there alone.
        func row(_ y: Double) -> Int {
            guard high > low else { return rows / 2 }
            return min(rows - 1, max(0, Int(((high - y) / (high - low) * Double(rows - 1)).rounded())))
        }

        // Bits of a braille character, by the dot's place in it.
        let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        var cells = [UInt32](repeating: 0, count: width * height)
        var segment = 0
        var previous: Int?
        for column in 0..<columns {
            let x = first.x + (last.x - first.x) * Double(column) / Double(columns - 1)
            while segment < points.count - 2, points[segment + 1].x < x { segment += 1 }
            let (a, b) = (points[segment], points[segment + 1])
            let share = b.x > a.x ? min(1, max(0, (x - a.x) / (b.x - a.x))) : 1
            let place = row(a.y + (b.y - a.y) * share)
            // A steep piece is a stroke from where the last column was.
            let from = previous.map { $0 < place ? $0 + 1 : $0 > place ? $0 - 1 : place } ?? place
            for dot in min(from, place)...max(from, place) { cells[dot / 4 * width + column / 2] |= bits[dot % 4][column % 2] }
            previous = place
        }

        let referenceRow = reference.map { row($0) / 4 }
        let labels = Dictionary([high, low].map { (row($0) / 4, DecimalText.significant($0, digits: 5)) }, uniquingKeysWith: { $1 })
        let margin = labels.values.map(\.count).max() ?? 0
        var lines = (0..<height).map { line in
            let label = labels[line] ?? ""
            let curve = (0..<width).map { column -> Character in
                let dots = cells[line * width + column]
                return dots == 0 ? (line == referenceRow ? "┄" : " ") : Character(Unicode.Scalar(0x2800 + dots) ?? " ")
            }
            var text = String(repeating: " ", count: margin - label.count) + label + (label.isEmpty ? " │" : " ┤") + String(curve)
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
        let space = String(repeating: " ", count: margin)
        lines.append(space + " └" + String(repeating: "─", count: width))
        let ends = [first.x, last.x].map { DecimalText.significant($0, digits: 6) }
        lines.append(space + "  " + ends[0] + String(repeating: " ", count: max(1, width - ends[0].count - ends[1].count)) + ends[1])
        return lines.joined(separator: "\n") + "\n"
    }
}
