/// One line of the benchmark table: what this library needs for a piece of work, and what a stated peer needs for the same.
public struct BenchmarkRow: Sendable, Equatable, Codable {
    public var name: String
    /// What one `perSecond` counts, and how much of it a run does: `100,000 paths x 30 steps`.
    public var work: String
    /// Median over the rounds.
    public var seconds: Double
    /// Units of work a second.
    public var perSecond: Double
    /// What it is compared with; nil where nothing else does this work here.
    public var peer: String?
    public var peerSeconds: Double?
    /// peerSeconds / seconds: above 1 where this library is faster.
    public var ratio: Double?

    public init(name: String, work: String, seconds: Double, perSecond: Double, peer: String? = nil, peerSeconds: Double? = nil) {
        self.name = name
        self.work = work
        self.seconds = seconds
        self.perSecond = perSecond
        self.peer = peer
        self.peerSeconds = peerSeconds
        ratio = peerSeconds.map { $0 / seconds }
    }

    /// Writes null for what is missing, so that every row has every key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(work, forKey: .work)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(perSecond, forKey: .perSecond)
        try container.encode(peer, forKey: .peer)
        try container.encode(peerSeconds, forKey: .peerSeconds)
        try container.encode(ratio, forKey: .ratio)
    }
}

/// What `hedge bench --json` prints.
public struct BenchmarkReport: Sendable, Equatable, Codable {
    public struct Machine: Sendable, Equatable, Codable {
        public var processors: Int
        public var threads: Int
        public var blasKernel: String
        public var blas: String
        public var rounds: Int

        public init(processors: Int, threads: Int, blasKernel: String, blas: String, rounds: Int) {
            self.processors = processors
            self.threads = threads
            self.blasKernel = blasKernel
            self.blas = blas
            self.rounds = rounds
        }
    }

    public var rows: [BenchmarkRow]
    public var machine: Machine

    public init(rows: [BenchmarkRow], machine: Machine) {
        self.rows = rows
        self.machine = machine
    }

    /// The rows as a table for a terminal.
    public var table: String {
        var lines = [["", "work", "time", "a second", "peer", "its time", "ratio"]]
        for row in rows {
            lines.append([
                row.name, row.work, Self.time(row.seconds), Self.count(row.perSecond), row.peer ?? "", row.peerSeconds.map(Self.time) ?? "",
                row.ratio.map { Self.digits($0) + " x" } ?? "",
            ])
        }
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let numbers: Set = [2, 3, 5, 6]
        let text = lines.map { line in
            let cells = line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return numbers.contains(column) ? space + line[column] : line[column] + space
            }
            let joined = cells.joined(separator: "  ")
            return String(joined.reversed().drop { $0 == " " }.reversed())
        }
        let foot =
            "\(machine.threads) of \(machine.processors) processors, BLAS kernel \(machine.blasKernel); medians of \(machine.rounds) rounds"
        return (text + ["", foot]).joined(separator: "\n")
    }

    /// Three significant digits.
    static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        guard value != 0 else { return "0" }
        var scale = 1.0
        var places = 0
        while value.magnitude * scale < 100 && places < 6 {
            scale *= 10
            places += 1
        }
        let scaled = Int((value.magnitude * scale).rounded())
        let whole = "\(scaled / Int(scale))"
        let sign = value < 0 ? "-" : ""
        guard places > 0 else { return sign + whole }
        let part = "\(scaled % Int(scale))"
        return sign + whole + "." + String(repeating: "0", count: places - part.count) + part
    }

    static func time(_ seconds: Double) -> String {
        switch seconds {
        case 1...: digits(seconds) + " s"
        case 1e-3..<1: digits(seconds * 1e3) + " ms"
        case 1e-6..<1e-3: digits(seconds * 1e6) + " us"
        default: digits(seconds * 1e9) + " ns"
        }
    }

    static func count(_ value: Double) -> String {
        switch value {
        case 1e9...: digits(value / 1e9) + " G"
        case 1e6..<1e9: digits(value / 1e6) + " M"
        case 1e3..<1e6: digits(value / 1e3) + " k"
        default: digits(value)
        }
    }
}
