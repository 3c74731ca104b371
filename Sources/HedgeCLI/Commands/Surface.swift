import ArgumentParser
import Foundation
import LinearAlgebra
import Market
import Pricing
import Reporting
import Store
import Surface

/// `hedge surface fit`: an arbitrage-free smile per expiry of one snapshot, or the figures of a whole recording.
struct SurfaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "surface", abstract: "Volatility surfaces of recorded snapshots.", subcommands: [Fit.self])

    struct Fit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fit a smile to every expiry; how many quotes it meets, and whether it is free of arbitrage.",
            discussion: """
                Of one snapshot (a JSON file, or --at a moment) the smiles are drawn, of a recording the figures over all snapshots are \
                given and the worst expiry is drawn. --out writes parameters and quality of every expiry of every snapshot.
                """)

        @Option(name: .long, help: "Name of a dataset, a recorded file or folder, or one snapshot in JSON.") var data: String
        @Option(name: .long, help: "Currency.") var currency: String?
        @Option(name: .long, help: "Contracts that pay in coin, inverse, or in dollars, linear, where the recording holds both.")
        var settlement: Settlement?
        @Option(name: .long, help: "First day: 2026-01-15.") var from: String?
        @Option(name: .long, help: "Last day.") var to: String?
        @Option(name: .long, help: "Only the last snapshot up to this moment, expiry by expiry: 2026-02-06T12:00:00Z.") var at: String?
        @Option(name: .long, help: "Family of smiles.") var family = SmileFamily.svi
        @Option(name: .long, help: "Calibrate a model to all expiries at once instead of smiles.") var model: ModelCalibration.Family?
        @Option(name: .long, help: "Forwards: the venue's, or with the discount from put-call parity.") var forwards = ForwardSource.venue
        @Option(name: .long, help: "Variance of a weekend's day as a share of a weekday's, between expiries.") var weekendWeight = 1.0
        @Flag(name: .long, help: "Take quotes as they are recorded: fat fingers, stale marks and crossed sides too.") var unscreened = false
        @Option(name: .long, help: "Folder for the smiles as SVG.") var svg: String?
        @Option(name: .customLong("out"), help: "File for a row per snapshot and expiry: .parquet or .csv.") var out: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        func validate() throws {
            if let out, !out.hasSuffix(".parquet"), !out.hasSuffix(".csv") {
                throw ValidationError("--out is \(out); expected a name that ends in .parquet or .csv.")
            }
            if !(weekendWeight > 0 && weekendWeight <= 10) {
                throw ValidationError("--weekend-weight is \(weekendWeight); expected more than 0 and at most 10.")
            }
            if model != nil, out != nil || svg != nil { throw ValidationError("--out and --svg are of smiles, not of a --model.") }
        }

        func run() async throws {
            if at != nil || data.hasSuffix(".json") {
                let (snapshot, before) = try Inputs.snapshotAndBefore(data, currency: currency, settlement: settlement, at: at)
                let (screened, report) = QuoteFilter().screen(snapshot, previous: before)
                let chosen = unscreened ? snapshot : screened
                return try model.map { try one(chosen, $0) } ?? one(chosen, unscreened ? nil : report)
            }
            let recorded = try Inputs.snapshots(
                data, currency: currency, settlement: settlement, from: from, to: to, workers: compute.workers)
            let (screened, report) = QuoteFilter().screen(recorded)
            let snapshots = unscreened ? recorded : screened
            if let model { return try study(snapshots, model) }
            try study(snapshots, unscreened ? nil : report)
        }

        private var calibration: SurfaceCalibration {
            var calibration = SurfaceCalibration(family: family)
            calibration.forwards = forwards
            calibration.clock = VarianceClock(weekendWeight: weekendWeight)
            // Where parity says the forward, an index in its place will do to be filtered by.
            calibration.filter.acceptsIndexForward = forwards == .parity
            return calibration
        }

        // MARK: Smiles

        private func one(_ snapshot: MarketSnapshot, _ screening: FilterReport?) throws {
            let (study, fits) = SurfaceStudy.run(snapshots: [snapshot], calibration: calibration) { 0 }
            let report = fits[0].report
            try write(fits)
            let smiles = fits[0].surface.map { Smile.all(of: $0, snapshot) } ?? []
            try draw(smiles, title: "\(snapshot.currency.rawValue) at \(snapshot.time)", worst: study.worst?.expiry)
            if output.json { return try Terminal.printJSON(report) }
            print("\(snapshot.currency.rawValue) at \(snapshot.time)\n\n\(Self.table(report, fits[0].surface))")
            for expiry in report.expiries {
                if expiry.outcome != .fitted { print("\(expiry.expiry.date) left out: \(expiry.outcome.name)") }
                if let repair = expiry.repair { print("\(expiry.expiry.date) moved \(repair.sentence)") }
            }
            print("not fitted: \(Self.refusals(report.expiries))")
            if let screening { print("bad quotes taken out: \(screening.summary)") }
            for example in screening?.examples ?? [] { print("    \(example)") }
            let colour = TextTable.terminalTakesColour
            print("\n" + SmilePlot.sheet(smiles.map(\.plot), width: Terminal.width, colour: colour))
            if let worst = study.worst, let smile = smiles.first(where: { $0.expiry == worst.expiry }) {
                print("worst: " + Self.large(smile, colour: colour))
            }
        }

        private func study(_ snapshots: [MarketSnapshot], _ screening: FilterReport?) throws {
            let start = ContinuousClock.now
            let (study, fits) = SurfaceStudy.run(snapshots: snapshots, calibration: calibration, workers: compute.workers) {
                (ContinuousClock.now - start).seconds
            }
            try write(fits)
            let worst = zip(snapshots, fits).first {
                $0.0.time == study.worst?.time && $0.1.surface?.slice(expiry: study.worst!.expiry) != nil
            }
            let smile = worst.flatMap { snapshot, fit in
                fit.surface.flatMap { Smile.all(of: $0, snapshot).first { $0.expiry == study.worst?.expiry } }
            }
            if let smile { try draw([smile], title: "the worst expiry of \(study.snapshots) snapshots", worst: smile.expiry) }
            if output.json { return try Terminal.printJSON(study) }
            print(
                """
                \(study.snapshots) snapshots, \(study.slices) slices fitted, \(study.lost) lost
                quotes with the fitted price inside bid and ask   \(FigureText.percent(study.insideBidAsk)) (median over snapshots)
                the same of quotes held back from the fit         \(FigureText.percent(study.insideBidAskHeldBack))
                the same of whole expiries held back              \(FigureText.percent(study.insideBidAskHeldBackExpiries))
                the three of all quotes together                  \(FigureText.percent(study.pooled.insideBidAsk)), \
                \(FigureText.percent(study.pooled.insideBidAskHeldBack)), \(FigureText.percent(study.pooled.insideBidAskHeldBackExpiries))
                butterfly violations \(study.butterflyViolations), calendar violations \(study.calendarViolations)
                per snapshot \(String(format: "%.1f ms in median, %.1f ms at worst", study.milliseconds.median, study.milliseconds.worst)), \
                \(String(format: "%.1f ms", study.warmMilliseconds.median)) from the surface before
                """)
            if let screening { print("bad quotes taken out: \(screening.summary)") }
            if let worst = study.worst, let smile {
                print("\nworst expiry, at \(worst.time): " + Self.large(smile, colour: TextTable.terminalTakesColour))
            }
        }

        private func write(_ fits: [SurfaceStudy.SnapshotFit]) throws {
            guard let out else { return }
            let (table, file) = (SurfaceTable.table(fits), URL(fileURLWithPath: out))
            if out.hasSuffix(".csv") {
                try AtomicFile.write(table.csv, to: file)
            } else {
                try Parquet.write(table, notes: ["family": family.rawValue], to: file)
            }
            Terminal.say("\(table.count) rows written to \(out)")
        }

        /// `surface.svg` with all smiles, `2026-03-27.svg` of each, and `worst.svg`.
        private func draw(_ smiles: [Smile], title: String, worst: Timestamp?) throws {
            guard let svg, !smiles.isEmpty else { return }
            let folder = URL(fileURLWithPath: svg, isDirectory: true)
            func write(_ figure: SVGFigure, _ name: String) throws {
                try AtomicFile.write(figure.svg, to: folder.appendingPathComponent(name + ".svg"))
            }
            if smiles.count > 1 { try write(SmileFigure.overview(smiles.map(\.slice), title: title), "surface") }
            for smile in smiles {
                let figure = SmileFigure.expiry(smile.slice, title: title)
                if smiles.count > 1 { try write(figure, "\(smile.expiry.date)") }
                if smile.expiry == worst { try write(figure, "worst") }
            }
            Terminal.say("SVG written to \(svg)")
        }

        private struct Smile {
            let expiry: Timestamp
            let forward: Double
            let slice: ComparisonTables.Slice

            var plot: SmilePlot { SmilePlot(slice, forward: forward) }

            static func all(of surface: VolatilitySurface, _ snapshot: MarketSnapshot) -> [Smile] {
                zip(surface.slices, ComparisonTables.Slice.slices(of: surface, snapshot: snapshot)).map {
                    Smile(expiry: $0.expiry, forward: $0.forward, slice: $1)
                }
            }
        }

        private static func large(_ smile: Smile, colour: Bool) -> String {
            var plot = smile.plot
            plot.width = max(min(Terminal.width, 120), 60)
            plot.height = 24
            return plot.text(colour: colour)
        }

        /// `612 one-sided, 340 too-wide`, most frequent first.
        private static func refusals(_ expiries: [ExpiryFitReport]) -> String {
            let counts = expiries.reduce(into: [String: Int]()) { $0.merge($1.refusals, uniquingKeysWith: +) }
            let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
            return parts.isEmpty ? "none" : parts.joined(separator: ", ")
        }

        private static func table(_ report: SurfaceFitReport, _ surface: VolatilitySurface?) -> String {
            var table = TextTable([
                "expiry", "forward", "by parity", "quotes", "inside", "ATM vol", "25-delta RR", "BF", "butterfly", "calendar",
            ])
            func percent(_ value: Double?) -> String { value.map { FigureText.percent($0) } ?? "" }
            for expiry in report.expiries {
                guard let surface, let slice = surface.slice(expiry: expiry.expiry) else { continue }
                let years = slice.timeToExpiry
                table.add([
                    "\(expiry.expiry.date)", String(format: "%.2f", expiry.forward),
                    expiry.parity.map { String(format: "%.2f ± %.2f", $0.forward, $0.standardError) } ?? "", "\(expiry.quotes)",
                    percent(expiry.shareInside), percent((slice.smile.totalVariance(atLogMoneyness: 0) / years).squareRoot()),
                    percent(surface.riskReversal(timeToExpiry: years)), percent(surface.butterfly(timeToExpiry: years)),
                    expiry.violatesButterfly ? "VIOLATED" : "free", expiry.violatesCalendar ? "VIOLATED" : "free",
                ])
            }
            return table.text(colour: TextTable.terminalTakesColour)
        }

        // MARK: Models

        private func study(_ snapshots: [MarketSnapshot], _ model: ModelCalibration.Family) throws {
            let start = ContinuousClock.now
            let study = ModelStudy.run(
                snapshots: snapshots, calibration: ModelCalibration(family: model), workers: compute.workers
            ) { (ContinuousClock.now - start).seconds }
            if output.json { return try Terminal.printJSON(study) }
            print(
                """
                \(study.snapshots) snapshots fitted by \(model.rawValue), \(study.lost) lost
                quotes with the model's price inside bid and ask   \(FigureText.percent(study.insideBidAsk)) (mean over snapshots)
                the same of quotes held back from the fit          \(FigureText.percent(study.insideBidAskHeldBack))
                mean distance to the middle of the quotes          \
                \(String(format: "%.6f coin, held back %.6f", study.meanError, study.meanErrorHeldBack))
                per snapshot \(String(format: "%.1f ms in median, %.1f ms at worst", study.milliseconds.median, study.milliseconds.worst))

                \(Self.table(study.parameters, "median"))
                """)
        }

        private func one(_ snapshot: MarketSnapshot, _ model: ModelCalibration.Family) throws {
            guard let fit = ModelCalibration(family: model).fit(ExpiryChain.chains(of: snapshot)) else {
                throw Failure.data("\(snapshot.currency.rawValue) at \(snapshot.time): too few liquid quotes for \(model.rawValue).")
            }
            if output.json { return try Terminal.printJSON(fit) }
            print(
                """
                \(snapshot.currency.rawValue) at \(snapshot.time): \(FigureText.percent(fit.fitted.insideBidAsk)) of \
                \(fit.fitted.quotes) quotes with \(model.rawValue)'s price inside bid and ask

                \(Self.table(fit.parameters, "value"))
                """)
        }

        private static func table(_ parameters: [Double], _ heading: String) -> String {
            var table = TextTable(["parameter", heading])
            for (parameter, value) in zip(HestonJumpModel.Parameter.allCases, parameters) {
                table.add(["\(parameter)", String(format: "%.4f", value)])
            }
            return table.text()
        }
    }
}

extension ArbitrageRepair {
    /// `by at most 0.31 points at ln(K/F) 0.42: its own butterfly density is -0.0120 at ln(K/F) 0.40`.
    fileprivate var sentence: String {
        func at(_ place: Place, _ format: String) -> String { String(format: format + " at ln(K/F) %.2f", place.value, place.logMoneyness) }
        let reasons = [
            butterfly.map { at($0, "its own butterfly density is %.4f") },
            calendar.map { at($0, "its own total variance less that of the expiry before is %.6f") },
        ].compactMap { $0 }
        let most = String(format: "by at most %.2f points at ln(K/F) %.2f: ", change.value * 100, change.logMoneyness)
        return most + (reasons.isEmpty ? "it gave way to the expiry after" : reasons.joined(separator: ", "))
    }
}

extension SmileFamily: ExpressibleByArgument {}
extension ForwardSource: ExpressibleByArgument {}
extension ModelCalibration.Family: ExpressibleByArgument {}
