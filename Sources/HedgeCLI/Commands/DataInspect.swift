import ArgumentParser
import Feeds
import Foundation
import LinearAlgebra
import Market
import Reporting
import Store
import Surface

extension DataCommand {
    /// `hedge data inspect`: what a recording covers, what is wrong with it, and how well surfaces fit it over time.
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a dataset, or any recorded file or folder, holds: coverage, gaps, bad quotes by reason, surfaces over time.")

        @Argument(help: "Name of a dataset, or a path.") var data: String
        @Option(name: .long, help: "Folder of the datasets.") var datasets = "datasets"
        @Option(name: .long, help: "Draw coverage, bad quotes and surfaces over time into this SVG file.") var svg: String?
        @Flag(name: .long, help: "Fit no surfaces, which is most of the time it takes.") var quick = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        struct Answer: Encodable {
            struct Surfaces: Encodable {
                /// Snapshots that have one.
                var fitted: Int
                var insideBidAskMedian: Double
                var insideBidAskWorst: Double
            }

            var snapshots: Int
            var options: Int
            var currencies: [String]
            var from: String
            var to: String
            var badQuotes: [String: Int]
            /// By market, `BTC` or `BTC-linear`.
            var coverage: [String: Coverage]
            var surfaces: [String: Surfaces]
            /// What it took to read every row.
            var secondsToRead: Double
            /// Why quotes are not liquid, of all that were looked at.
            var illiquidQuotes: [String: Int]
            var manifest: DatasetManifest?
            /// What the import left out, of a dataset that was imported.
            var imported: ImportReport?

            enum CodingKeys: String, CodingKey {
                case snapshots, options, currencies, from, to, badQuotes, coverage, surfaces, secondsToRead, illiquidQuotes, manifest
                case imported = "import"
            }
        }

        func run() async throws {
            let store = DatasetStore(URL(fileURLWithPath: datasets, isDirectory: true))
            let name = try? StoreName(data)
            let manifest = try name.flatMap { name in
                try (try? store.names())?.contains(name) == true ? reading(data) { try store.verify(name) } : nil
            }
            let path = try Inputs.place(data, datasets: datasets)
            if let history = try? PriceHistoryImport([path]) { return try say(history, manifest) }
            let began = ContinuousClock.now
            let snapshots = try Inputs.everySnapshot(path, workers: compute.workers)
            let seconds = (ContinuousClock.now - began).seconds
            let survey = Survey(snapshots, fitsSurfaces: !quick, workers: compute.workers)
            let quality = survey.quality(named: data)
            if let svg { try AtomicFile.write(quality.figure.svg, to: URL(fileURLWithPath: svg)) }
            var answer = answer(snapshots, survey, manifest, seconds)
            let report = URL(fileURLWithPath: path).appendingPathComponent("import.json")
            if FileManager.default.fileExists(atPath: report.path) {
                answer.imported = try reading(path) { try JSONDecoder().decode(ImportReport.self, from: try Data(contentsOf: report)) }
            }
            if output.json { return try Terminal.printJSON(answer) }
            say(answer, survey, quality, path)
        }

        private func answer(_ snapshots: [MarketSnapshot], _ survey: Survey, _ manifest: DatasetManifest?, _ seconds: Double) -> Answer {
            Answer(
                snapshots: snapshots.count, options: snapshots.reduce(0) { $0 + $1.options.count },
                currencies: survey.markets.map(\.description), from: snapshots.first?.time.description ?? "",
                to: snapshots.last?.time.description ?? "",
                badQuotes: Dictionary(uniqueKeysWithValues: survey.bad.counts.map { ($0.key.rawValue, $0.value) }),
                coverage: survey.coverage.reduce(into: [:]) { $0[$1.key.description] = $1.value },
                surfaces: survey.markets.reduce(into: [:]) { surfaces, market in
                    let shares = survey.shares(market).sorted()
                    guard let worst = shares.first else { return }
                    surfaces[market.description] = Answer.Surfaces(
                        fitted: shares.count, insideBidAskMedian: (shares[(shares.count - 1) / 2] + shares[shares.count / 2]) / 2,
                        insideBidAskWorst: worst)
                },
                secondsToRead: seconds,
                illiquidQuotes: Dictionary(uniqueKeysWithValues: survey.illiquid.map { ($0.key.rawValue, $0.value) }), manifest: manifest)
        }

        private func say(_ answer: Answer, _ survey: Survey, _ quality: RecordingQuality, _ path: String) {
            let currencies = answer.currencies.joined(separator: ", ")
            print(
                "\(path): \(answer.snapshots) snapshots of \(currencies), \(FigureText.grouped(answer.options)) option rows, "
                    + String(format: "read in %.2f s", answer.secondsToRead))
            print("from \(answer.from) to \(answer.to)")
            if let manifest = answer.manifest { print("\(manifest.about) Licence: \(manifest.licence). Every checksum is right.") }
            for currency in answer.currencies {
                guard let coverage = answer.coverage[currency] else { continue }
                print("\(currency): \(coverage.text)")
                for gap in coverage.gaps.sorted(by: { $0.hours > $1.hours }).prefix(5) {
                    print(String(format: "  %.1f h from \(gap.from) to \(gap.to)", gap.hours))
                }
            }
            if let imported = answer.imported {
                print(
                    "Left out by the import: bad rows: \(imported.badRows.summary); quotes: \(imported.badQuotes.summary); "
                        + "snapshots that were there already: \(imported.duplicates)")
            }
            print("Bad quotes: \(survey.bad.summary)")
            for example in survey.bad.examples { print("  \(example)") }
            let refusals = survey.illiquid.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            print("Not liquid: \(refusals.map { "\(FigureText.grouped($0.value)) \($0.key.rawValue)" }.joined(separator: ", "))")
            for series in quality.series {
                guard let surfaces = answer.surfaces[series.currency] else { continue }
                print(
                    "\n\(series.currency): quotes with the fitted price inside bid and ask, "
                        + "\(FigureText.percent(surfaces.insideBidAskMedian)) in median over \(surfaces.fitted) surfaces, "
                        + "\(FigureText.percent(surfaces.insideBidAskWorst)) at worst; "
                        + "medians of days since \(quality.firstDay)")
                print(series.text, terminator: "")
            }
            if let svg { print("\nDrawn in \(svg)") }
        }

        struct HistoryAnswer: Encodable {
            struct File: Encodable {
                var path: String
                var format: String
                var rows: Int
                var from: String
                var to: String
            }

            var files: [File]
            var manifest: DatasetManifest?
        }

        private func say(_ history: PriceHistoryImport, _ manifest: DatasetManifest?) throws {
            guard output.json else {
                print(history.description)
                if let manifest { print("\(manifest.about) Licence: \(manifest.licence). Every checksum is right.") }
                return
            }
            let files = history.files.compactMap { file in
                file.history.span.map {
                    HistoryAnswer.File(
                        path: file.path, format: file.format.rawValue, rows: file.history.count, from: $0.lowerBound.description,
                        to: $0.upperBound.description)
                }
            }
            try Terminal.printJSON(HistoryAnswer(files: files, manifest: manifest))
        }
    }
}

/// Every snapshot of a recording looked at once.
private struct Survey {
    var bad = FilterReport()
    var illiquid: [LiquidityFilter.Refusal: Int] = [:]
    var coverage: [MarketID: Coverage] = [:]
    private var points: [MarketID: [(time: Timestamp, point: RecordingQuality.Point)]] = [:]
    private let first: Timestamp

    var markets: [MarketID] { points.keys.sorted() }

    init(_ snapshots: [MarketSnapshot], fitsSurfaces: Bool, workers: Workers) {
        let start = Timestamp(snapshots[0].time.date)
        first = start
        var before: [MarketID: Int] = [:]
        let previous = snapshots.indices.map { index in
            defer { before[snapshots[index].id] = index }
            return before[snapshots[index].id]
        }
        let looks = workers.map(count: snapshots.count) { index in
            let snapshot = snapshots[index]
            let (kept, report) = QuoteFilter().screen(snapshot, previous: previous[index].map { snapshots[$0] })
            var refusals: [LiquidityFilter.Refusal: Int] = [:]
            for option in kept.options {
                if let refusal = LiquidityFilter.quotesAlone.refusal(of: option, at: snapshot.time) { refusals[refusal, default: 0] += 1 }
            }
            let point = RecordingQuality.Point(
                day: Double(snapshot.time.nanoseconds - start.nanoseconds) / Double(Timestamp.nanosecondsPerDay),
                options: snapshot.options.count, liquid: kept.options.count - refusals.values.reduce(0, +), badQuotes: report.total,
                insideBidAsk: fitsSurfaces ? SurfaceCalibration().fit(kept).report.insideBidAsk : nil)
            return (point: point, report: report, refusals: refusals)
        }
        for (snapshot, look) in zip(snapshots, looks) {
            bad.merge(look.report)
            illiquid.merge(look.refusals, uniquingKeysWith: +)
            points[snapshot.id, default: []].append((snapshot.time, look.point))
        }
        coverage = points.compactMapValues { Coverage($0.map(\.time)) }
    }

    func shares(_ market: MarketID) -> [Double] { points[market]?.compactMap(\.point.insideBidAsk) ?? [] }

    func quality(named name: String) -> RecordingQuality {
        RecordingQuality(
            name: name, firstDay: first.date.description,
            series: markets.map { RecordingQuality.Series(currency: $0.description, points: points[$0]?.map(\.point) ?? []) })
    }
}
