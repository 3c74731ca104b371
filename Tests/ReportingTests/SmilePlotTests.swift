import Foundation
import Market
import Reporting
import Store
import Surface
import Testing

@Suite struct SmilePlotTests {
    /// A smile of 50 % at the forward and 60 % at ±0.5, quotes two points wide on it, one above it and one below.
    static func slice(above: Double? = nil, below: Double? = nil) -> ComparisonTables.Slice {
        let curve = (-50...50).map { (i: Int) -> (logMoneyness: Double, volatility: Double) in
            let k = Double(i) / 100
            return (k, 0.5 + 0.4 * k * k)
        }
        let quotes = stride(from: 5, through: 95, by: 10).map { (i: Int) -> (logMoneyness: Double, bid: Double, ask: Double) in
            let (k, volatility) = curve[i]
            let middle = k == above ? volatility + 0.03 : k == below ? volatility - 0.03 : volatility
            return (k, middle - 0.01, middle + 0.01)
        }
        return ComparisonTables.Slice(expiry: "27 Mar 2026", timeToExpiry: 0.1, fitted: curve, quotes: quotes)
    }

    static func lines(_ plot: SmilePlot, colour: Bool = false) -> [String] {
        plot.text(colour: colour).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("the title says the expiry, its days and how many quotes are met; marks say which are not, on the right side")
    func marks() throws {
        var plot = SmilePlot(Self.slice(above: -0.25, below: 0.35), forward: 1000)
        (plot.width, plot.height) = (60, 14)
        let lines = Self.lines(plot)
        #expect(lines[0] == "27 Mar 2026, 36.5 days, 8 of 10 inside")
        #expect(lines.count == 15 && lines[14].isEmpty && lines.allSatisfy { $0.count <= 60 })
        let marks = lines[13].drop { $0 == " " }
        // A quote above the curve is missed from below.
        #expect(marks.filter { $0 != " " } == "··▼·····▲·", "\(marks)")
        // Strikes from 1000 e^−0.5 to 1000 e^0.5 and the forward between them, below its tick.
        #expect(lines[12].contains("606.5") && lines[12].hasSuffix("1649"))
        let tick = try #require(lines[11].firstIndex(of: "┴").map { lines[11].distance(from: lines[11].startIndex, to: $0) })
        let forward = try #require(lines[12].range(of: "1000").map { lines[12].distance(from: lines[12].startIndex, to: $0.lowerBound) })
        #expect((tick - forward - 2).magnitude <= 1)
        #expect(lines[1].contains("60.6 %") && lines[10].contains("49.4 %"))
    }

    @Test("the curve is highest at both ends and lowest in the middle; quotes are strokes beside it")
    func shape() {
        var plot = SmilePlot(Self.slice())
        (plot.width, plot.height) = (60, 14)
        let rows = Self.lines(plot)[1...10].map { line in
            Array(line.dropFirst(9)).map { (0x2801...0x28FF).contains($0.unicodeScalars.first!.value) }
        }
        func row(of column: Int) -> Int? { rows.firstIndex { $0.count > column && $0[column] } }
        #expect(row(of: 0)! <= 1 && row(of: 50)! <= 1 && row(of: 25)! >= 8)
        for column in 1...25 { #expect(row(of: column)! >= row(of: column - 1)!) }
        #expect(Self.lines(plot)[1...10].joined().contains { "│╷╵".contains($0) })
    }

    @Test("colour adds escapes and moves nothing")
    func colour() {
        let plot = SmilePlot(Self.slice(above: 0.15), forward: 90_000)
        let coloured = plot.text(colour: true)
        #expect(coloured.contains("\u{1B}[0;1;31m▼"))
        #expect(coloured.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == plot.text())
    }

    @Test("a sheet has as many plots beside each other as there is room for")
    func sheet() {
        let plots = (0..<3).map { _ in SmilePlot(Self.slice()) }
        let wide = SmilePlot.sheet(plots, width: 80)
        #expect(wide.split(separator: "\n").map(\.count).max()! <= 80)
        #expect(wide.split(separator: "\n").count { $0.contains("27 Mar 2026") } == 2)
        #expect(SmilePlot.sheet(plots, width: 60).split(separator: "\n").count { $0.contains("27 Mar 2026") } == 3)
        #expect(SmilePlot.sheet([], width: 80).isEmpty)
    }

    @Test("an expiry without curve or with one quote is no trap")
    func degenerate() {
        let empty = ComparisonTables.Slice(expiry: "x", timeToExpiry: 0.1, fitted: [], quotes: [])
        #expect(SmilePlot(empty).text().contains("0 of 0 inside"))
        let flat = ComparisonTables.Slice(
            expiry: "x", timeToExpiry: 0.1, fitted: [(-0.1, 0.5), (0.1, 0.5)], quotes: [(0, .nan, 0.6), (0, 0.5, 0.5)])
        #expect(SmilePlot(flat).text().contains("1 of 1 inside"))
        #expect(SmileFigure.expiry(flat, title: "flat").svg.contains("</svg>"))
    }

    @Test("the figure draws missed quotes apart and names no number that is none")
    func figure() {
        let svg = SmileFigure.expiry(Self.slice(above: 0.05), title: "BTC & co").svg
        #expect(svg.contains("missed") && svg.contains("BTC &amp; co") && svg.contains("9 of 10 inside"))
        #expect(!svg.contains("nan") && !svg.contains("inf\""))
        let overview = SmileFigure.overview([Self.slice(), Self.slice(above: 0.05)], title: "BTC").svg
        #expect(overview.contains("19 of 20 quotes"))
    }
}

@Suite struct SurfaceTableTests {
    @Test("a row for every expiry, fitted or not, with parameters, quality and units")
    func table() throws {
        let time = Timestamp(milliseconds: 1_767_225_600_000)
        func expiry(_ days: Int) -> Timestamp { Timestamp(nanoseconds: time.nanoseconds + Int64(days) * Timestamp.nanosecondsPerDay) }
        let options = [10, 40].flatMap { days in
            (-6...6).map { j in
                let strike = 100 + 2 * Double(j)
                return OptionQuote(
                    contract: OptionContract(
                        underlying: "BTC", kind: j < 0 ? .put : .call, strike: days == 40 && j > -4 ? 100 : strike, expiry: expiry(days),
                        settlement: .linear),
                    quote: Quote(bid: 4 - 0.5 * Double(abs(j)), ask: 4.2 - 0.5 * Double(abs(j))), markVolatility: nil, delta: nil,
                    vega: nil, openInterest: 5, volume: 0, forward: 100, forwardName: "SYN", index: 100)
            }
        }
        let snapshot = MarketSnapshot(time: time, currency: "BTC", index: 100, options: options)
        let (study, fits) = SurfaceStudy.run(snapshots: [snapshot], seconds: { 0 })
        let table = SurfaceTable.table(fits)
        #expect(table.count == 2 && study.slices == 1)
        func column(_ name: String) throws -> DataTable.Column { try #require(table.columns.first { $0.name == name }) }
        #expect(try column("time").values == .times([time, time]) && column("expiry").values == .times([expiry(10), expiry(40)]))
        guard case .texts(let outcomes) = try column("outcome").values, case .numbers(let a) = try column("a").values,
            case .numbers(let skew) = try column("wingSkew").values,
            case .numbers(let volatility) = try column("atTheMoneyVolatility").values
        else {
            Issue.record("columns of another kind")
            return
        }
        #expect(outcomes[0] == "fitted" && outcomes[1].contains("strikes"))
        let slice = try #require(fits[0].surface?.slices.first)
        guard case .svi(let raw) = slice.smile else {
            Issue.record("no hyperbola")
            return
        }
        #expect(a[0] == raw.a && a[1].isNaN && skew[0] == raw.jumpWings(timeToExpiry: slice.timeToExpiry).skew)
        // 0.4 σ √T of the forward.
        #expect((volatility[0] - 0.041 / (0.4 * (10.0 / 365).squareRoot())).magnitude < 0.1)
        #expect(try column("sigma").unit == "log-moneyness" && column("timeToExpiry").unit == "years")
        #expect(table.csv.split(separator: "\n").count == 3)
    }
}
