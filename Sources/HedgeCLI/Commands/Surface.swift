import ArgumentParser
import Foundation
import LinearAlgebra
import Market
import Pricing
import Reporting
import Surface

/// `hedge surface fit`: the volatility surface of a snapshot, or of a whole recording.
struct SurfaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "surface", abstract: "Volatility surfaces of recorded snapshots.", subcommands: [Fit.self])

    struct Fit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fit a smile to every expiry; how many quotes it meets, and whether it is free of arbitrage.")

        @Option(name: .long, help: "A recorded file or folder.") var data: String
        @Option(name: .long, help: "Currency.") var currency: String?
        @Option(name: .long, help: "First day: 2026-01-15.") var from: String?
        @Option(name: .long, help: "Last day.") var to: String?
        @Option(name: .long, help: "Only the last snapshot up to this moment, expiry by expiry: 2026-02-06T12:00:00Z.") var at: String?
        @Option(name: .long, help: "Family of smiles.") var family = SmileFamily.svi
        @Option(name: .long, help: "Calibrate a model to all expiries at once instead of smiles.") var model: ModelCalibration.Family?
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        func run() async throws {
            if let at { return try model.map { try one(at, $0) } ?? one(at) }
            let snapshots = try Inputs.snapshots(data, currency: currency, from: from, to: to, workers: compute.workers)
            if let model { return try study(snapshots, model) }
            let start = ContinuousClock.now
            let (study, _) = SurfaceStudy.run(
                snapshots: snapshots, calibration: SurfaceCalibration(family: family), workers: compute.workers
            ) { (ContinuousClock.now - start).seconds }
            if output.json { return try Terminal.printJSON(study) }
            print(
                """
                \(study.snapshots) snapshots, \(study.slices) slices fitted, \(study.lost) lost
                quotes with the fitted price inside bid and ask   \(FigureText.percent(study.insideBidAsk)) (median over snapshots)
                the same of quotes held back from the fit         \(FigureText.percent(study.insideBidAskHeldBack))
                the same of whole expiries held back              \(FigureText.percent(study.insideBidAskHeldBackExpiries))
                butterfly violations \(study.butterflyViolations), calendar violations \(study.calendarViolations)
                per snapshot \(String(format: "%.1f ms in median, %.1f ms at worst", study.milliseconds.median, study.milliseconds.worst)), \
                \(String(format: "%.1f ms", study.warmMilliseconds.median)) from the surface before
                """)
            if let worst = study.worst {
                print(
                    "worst expiry \(worst.expiry.date) at \(worst.time): \(FigureText.percent(worst.insideBidAsk)) of \(worst.quotes) quotes inside"
                )
            }
        }

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

        private func one(_ at: String, _ model: ModelCalibration.Family) throws {
            let snapshot = try Inputs.snapshot(data, currency: currency, at: at)
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

        private func one(_ at: String) throws {
            let snapshot = try Inputs.snapshot(data, currency: currency, at: at)
            let fit = SurfaceCalibration(family: family).fit(snapshot)
            if output.json { return try Terminal.printJSON(fit.report) }
            var table = TextTable(["expiry", "forward", "by parity", "quotes", "inside", "ATM vol", "butterfly", "calendar"])
            var skipped: [String] = []
            for expiry in fit.report.expiries {
                guard expiry.outcome == .fitted, let slice = fit.surface?.slice(expiry: expiry.expiry) else {
                    if case .skipped(let reason) = expiry.outcome { skipped.append("\(expiry.expiry.date) left out: \(reason)") }
                    continue
                }
                let volatility = (slice.smile.totalVariance(atLogMoneyness: 0) / slice.timeToExpiry).squareRoot()
                table.add([
                    "\(expiry.expiry.date)", String(format: "%.2f", expiry.forward),
                    expiry.parity.map { String(format: "%.2f ± %.2f", $0.forward, $0.standardError) } ?? "", "\(expiry.quotes)",
                    FigureText.percent(Double(expiry.inside) / Double(max(expiry.quotes, 1))), FigureText.percent(volatility),
                    expiry.violatesButterfly ? "VIOLATED" : "free", expiry.violatesCalendar ? "VIOLATED" : "free",
                ])
            }
            print("\(snapshot.currency.rawValue) at \(snapshot.time)\n\n\(table.text())" + skipped.joined(separator: "\n"))
        }
    }
}

extension SmileFamily: ExpressibleByArgument {}
extension ModelCalibration.Family: ExpressibleByArgument {}
