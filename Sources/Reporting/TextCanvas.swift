/// Characters on a grid, each in a style that shows where the terminal has colour.
struct TextCanvas {
    enum Style {
        case plain, heading, faint, curve, alarm

        /// Of the terminal's escape sequence.
        var codes: String? {
            switch self {
            case .plain: nil
            case .heading: "1"
            case .faint: "2"
            case .curve: "1;38;5;208"
            case .alarm: "1;31"
            }
        }
    }

    let width: Int
    let height: Int
    private var cells: [(character: Character, style: Style)]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        cells = Array(repeating: (" ", .plain), count: width * height)
    }

    /// From a column to the right; what lies outside is left out.
    mutating func put(_ text: String, row: Int, column: Int, style: Style = .plain) {
        guard (0..<height).contains(row) else { return }
        for (offset, character) in text.enumerated() where (0..<width).contains(column + offset) {
            cells[row * width + column + offset] = (character, style)
        }
    }

    func text(colour: Bool) -> String {
        (0..<height).map { row in
            var line = cells[row * width..<(row + 1) * width]
            while line.last?.character == " " { line.removeLast() }
            guard colour else { return String(line.map(\.character)) + "\n" }
            var text = ""
            var style = Style.plain
            for cell in line {
                if cell.style != style, cell.character != " " {
                    text += "\u{1B}[0" + (cell.style.codes.map { ";" + $0 } ?? "") + "m"
                    style = cell.style
                }
                text.append(cell.character)
            }
            return text + (style == .plain ? "" : "\u{1B}[0m") + "\n"
        }.joined()
    }
}
