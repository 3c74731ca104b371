import Feeds
import Foundation
import Market
import Testing

@Suite("Price histories")
struct HistoryFileTests {
    static func file(_ text: String) -> DataFile { DataFile(path: "prices.csv", bytes: Array(text.utf8)) }

    @Test("one rate in two units is the same rate: percent 0.01 and fraction 0.0001")
    func units() throws {
        let percent = try HistoryFile(Self.file("time,funding_pct\n2024-01-01T08:00:00Z,0.01\n2024-01-01T16:00:00Z,-0.004\n"))
        let fraction = try HistoryFile(Self.file("date,funding_mean,funding_abs\n2024-01-01,0.0001,0.0001\n2024-01-02,-0.00004,0.00004\n"))
        guard case .funding(let a) = percent, case .funding(let b) = fraction else {
            Issue.record("not funding")
            return
        }
        #expect(a.map(\.rate) == b.map(\.rate))
        #expect(a[0].rate.fraction == 1e-4 && a[0].rate.percent == 0.01)
    }

    @Test("a percentage in a column of fractions is refused")
    func wrongUnit() {
        #expect(
            throws: FeedError.field(
                path: "prices.csv", line: 2, column: "funding_mean", found: "0.05",
                expected: "a rate as a fraction, at most 0.04 either way")
        ) {
            try HistoryFile(Self.file("date,funding_mean,funding_abs\n2024-01-01,0.05,0.05\n"))
        }
    }

    @Test("the volatility index becomes a decimal")
    func volatilityIndex() throws {
        let history = try HistoryFile(Self.file("date,dvol\n2022-11-06,56.76\n"))
        #expect(history == .volatility([.init(time: Timestamp(try CivilDate(iso8601: "2022-11-06")), volatility: 0.5676)]))
    }

    static let badRowCases: [(String, String)] = [
        (
            "time,open,high,low,close,volume\n2022-01-01T00:00:00Z,10,9,8,8.5,1\n",
            "prices.csv, line 2, column high: found '9', expected at least the open, low and close: 10.0"
        ),
        (
            "time,open,high,low,close,volume\n2022-01-01T00:00:00Z,10,11,10.5,10.7,1\n",
            "prices.csv, line 2, column low: found '10.5', expected at most the open and close: 10.0"
        ),
        (
            "time,open,high,low,close,volume\n2022-01-01T00:00:00Z,nan,11,10.5,10.7,1\n",
            "prices.csv, line 2, column open: found 'nan', expected a positive number"
        ),
        (
            "date,dvol\n2022-11-07,50\n2022-11-06,51\n",
            "prices.csv, line 3: 2022-11-06T00:00:00Z comes after 2022-11-07T00:00:00Z, expected rows in time order"
        ),
        (
            "date,dvol\n2022-11-07,50\n2022-11-07,51\n",
            "prices.csv, line 3: 2022-11-07T00:00:00Z comes after 2022-11-07T00:00:00Z, expected rows in time order"
        ),
        (
            "date,dvol\n2022-02-30,50\n",
            "prices.csv, line 2, column date: found '2022-02-30', expected a day like 2024-12-31 or a time like 2024-12-31T08:00:00Z"
        ),
        (
            "day;dvol\n2022-02-30;50\n",
            "prices.csv: no known format begins with 'day;dvol'; known are daily-bars, bars, venue-bars, volatility-index, funding-percent, funding-fraction"
        ),
    ]

    @Test("bad rows say where and what", arguments: badRowCases)
    func badRows(text: String, message: String) {
        let error = #expect(throws: FeedError.self) { try HistoryFile(Self.file(text)) }
        #expect(error?.description == message)
    }

    static let recordings: [(String, Int, String, String)] = [
        ("btcusdt-daily.csv", 2694, "2017-08-17T00:00:00Z", "2024-12-31T00:00:00Z"),
        ("ethusdt-daily.csv", 2694, "2017-08-17T00:00:00Z", "2024-12-31T00:00:00Z"),
        ("btcusdt-hourly.csv.gz", 28_464, "2020-01-01T00:00:00Z", "2023-03-31T23:00:00Z"),
        ("ethusdt-hourly.csv.gz", 28_464, "2020-01-01T00:00:00Z", "2023-03-31T23:00:00Z"),
        ("btc-perp-minute-2022-01.csv.gz", 34_619, "2021-12-31T23:01:00Z", "2022-01-24T23:59:00Z"),
        ("btc-dvol-daily.csv", 787, "2022-11-06T00:00:00Z", "2024-12-31T00:00:00Z"),
        ("btcusdt-funding-8h.csv", 2369, "2022-11-03T08:00:00Z", "2024-12-31"),
        ("btcusdt-funding-daily.csv", 1940, "2019-09-10T00:00:00Z", "2024-12-31T00:00:00Z"),
    ]

    @Test(
        "every recorded history: rows and span as its README says",
        .enabled(if: RealChains.present, "the recorded histories are not beside this checkout"),
        arguments: recordings)
    func recorded(name: String, rows: Int, first: String, last: String) throws {
        let history = try HistoryFile(reading: RealChains.prices + "/" + name)
        #expect(history.count == rows)
        let span = try #require(history.span)
        #expect(span.lowerBound.iso8601 == first)
        #expect(span.upperBound.iso8601.hasPrefix(last))
    }

    @Test(
        "the two recorded funding files are one series in two units",
        .enabled(if: RealChains.present, "the recorded histories are not beside this checkout"))
    func fundingAgrees() throws {
        guard case .funding(let eightHours) = try HistoryFile(reading: RealChains.prices + "/btcusdt-funding-8h.csv"),
            case .funding(let days) = try HistoryFile(reading: RealChains.prices + "/btcusdt-funding-daily.csv")
        else {
            Issue.record("not funding")
            return
        }
        let byDay = Dictionary(grouping: eightHours) { $0.time.date }
        var differences: [Double] = []
        for day in days {
            guard let rates = byDay[day.time.date], rates.count == 3 else { continue }
            differences.append((rates.reduce(0) { $0 + $1.rate.percent } / 3 - day.rate.percent).magnitude)
        }
        #expect(differences.count > 700)
        #expect(differences.reduce(0, +) / Double(differences.count) < 1e-4)
    }
}
