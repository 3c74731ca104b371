import Foundation

/// Results go to stdout, everything else to stderr.
enum Terminal {
    static let showsProgress = isatty(STDERR_FILENO) == 1

    static func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// One JSON object on stdout. Numbers that are not finite are a defect, not output.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
    }
}

/// One line on stderr that overwrites itself: what, how far, how fast, how long still. Silent where stderr is no terminal.
struct ProgressLine {
    let title: String
    let unit: String
    private let began = ContinuousClock.now
    private var shown = ContinuousClock.now - .seconds(1)

    init(_ title: String, unit: String) {
        self.title = title
        self.unit = unit
    }

    mutating func show(_ done: Int, of total: Int, note: String = "") {
        guard Terminal.showsProgress else { return }
        let now = ContinuousClock.now
        guard now - shown > .milliseconds(200) || done == total else { return }
        shown = now
        let seconds = (now - began).seconds
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? Double(total - done) / rate : 0
        let line = String(format: "%@ %d/%d %@, %.1f/s, %.0f s left %@", title, done, total, unit, rate, left, note)
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    func end() {
        guard Terminal.showsProgress else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
