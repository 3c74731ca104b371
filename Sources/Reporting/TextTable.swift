import Foundation

/// A table for a terminal: columns as wide as they must be, numbers right-aligned, one rule under the head.
///
///     strategy         price   95 % interval  turnover
///     ────────────────────────────────────────────────
///     learned          2.531  [2.528, 2.534]      1.92
///     whalley-wilmott  2.561  [2.558, 2.564]      1.80
public struct TextTable: Sendable, Equatable {
    public enum Alignment: Sendable, Equatable { case left, right }

    public struct Column: Sendable, Equatable {
        public var title: String
        public var alignment: Alignment

        public init(_ title: String, _ alignment: Alignment = .right) {
            self.title = title
            self.alignment = alignment
        }
    }

    public struct Row: Sendable, Equatable {
        public var cells: [String]
        /// Set apart by colour where there is colour: the learned strategy, the best line.
        public var isEmphasised: Bool

        public init(_ cells: [String], isEmphasised: Bool = false) {
            self.cells = cells
            self.isEmphasised = isEmphasised
        }
    }

    public var columns: [Column]
    public var rows: [Row]

    public init(_ columns: [Column], rows: [Row] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// A table of names and numbers: the first column flush left, the others flush right.
    public init(_ titles: [String]) {
        self.init(titles.enumerated().map { Column($0.element, $0.offset == 0 ? .left : .right) })
    }

    public mutating func add(_ cells: [String], isEmphasised: Bool = false) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(Row(cells, isEmphasised: isEmphasised))
    }

    private static let gap = "  "

    /// Lines, each ended by a newline.
    public func text(colour: Bool = false) -> String {
        let widths = columns.indices.map { index in
            rows.reduce(columns[index].title.count) { max($0, $1.cells[index].count) }
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { index in
                let space = String(repeating: " ", count: widths[index] - cells[index].count)
                return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
            }
            var text = padded.joined(separator: Self.gap)
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
        let head = line(columns.map(\.title))
        let rule = String(repeating: "─", count: widths.reduce(0, +) + Self.gap.count * (widths.count - 1))
        var lines = colour ? ["\u{1B}[1m\(head)\u{1B}[0m", "\u{1B}[2m\(rule)\u{1B}[0m"] : [head, rule]
        for row in rows {
            lines.append(colour && row.isEmphasised ? "\u{1B}[1;36m\(line(row.cells))\u{1B}[0m" : line(row.cells))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Whether standard output is a terminal that takes colour; `NO_COLOR` and a dumb terminal switch it off.
    public static var terminalTakesColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(1) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
}
