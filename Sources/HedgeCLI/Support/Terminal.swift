import Evaluation
import Foundation
import Hedging

/// Results go to stdout, everything else to stderr.
enum Terminal {
    static let showsProgress = isatty(STDERR_FILENO) == 1

    /// Columns of the terminal on stdout; of a page of paper where there is none.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 100 }
        return Int(size.ws_col)
    }

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

/// The progress of a training on one line: how far, the objective, how far above what it is measured by, how fast, how long still.
struct TrainingLine {
    private let name: String
    private let budget: Double
    private let reference: (name: String, price: Double)?
    private var validation: Double?
    private var first: (epoch: Int, seconds: Double)?
    private var shown = ContinuousClock.now - .seconds(1)

    init(_ experiment: Experiment, reference: (name: String, price: Double)?) {
        name = experiment.name
        budget = experiment.training.budgetSeconds
        self.reference = reference
    }

    mutating func show(_ state: TrainingProgress) {
        guard Terminal.showsProgress else { return }
        validation = state.validation ?? validation
        first = first ?? (state.epoch, state.seconds)
        let now = ContinuousClock.now
        guard now - shown > .milliseconds(200) || state.epoch == state.epochs else { return }
        shown = now
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text(state))".utf8))
    }

    private func text(_ state: TrainingProgress) -> String {
        var parts = ["training \(name) \(state.epoch)/\(state.epochs)", String(format: "loss %.5g", state.loss)]
        if let validation {
            let gap = reference.map { reference in
                let share = (validation - reference.price) / reference.price.magnitude
                return String(format: " (%.2f %% %@ %@)", (share * 100).magnitude, share < 0 ? "below" : "above", reference.name)
            }
            parts.append(String(format: "validation %.5g", validation) + (gap ?? ""))
        }
        parts.append(String(format: "%.1f M path-steps/s", state.pathStepsPerSecond / 1e6))
        if let first, state.epoch > first.epoch {
            let perEpoch = (state.seconds - first.seconds) / Double(state.epoch - first.epoch)
            let left = min(perEpoch * Double(state.epochs - state.epoch), budget - state.seconds)
            parts.append(String(format: "%.0f s left", max(0, left)))
        }
        return parts.joined(separator: ", ")
    }

    func end() {
        guard Terminal.showsProgress else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
