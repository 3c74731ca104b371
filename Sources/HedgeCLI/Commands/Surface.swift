import ArgumentParser
import Foundation
import LinearAlgebra
import Reporting
import Surface

/// `hedge surface fit`: the volatility surface of a snapshot, or of a whole recording.
struct SurfaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "surface", abstract: "Volatility surfaces of recorded snapshots.", subcommands: [Fit.self])

    struct Fit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fit an SVI slice to every expiry; how many quotes it meets, and whether it is free of arbitrage.")

        @Option(name: .long, help: "A recorded file or folder.") var data: String
        @Option(name: .long, help: "Currency.") var currency: String?
        @Option(name: .long, help: "First day: 2026-01-15.") var from: String?
        @Option(name: .long, help: "Last day.") var to: String?
        @Option(name: .long, help: "Only the last snapshot up to this moment, expiry by expiry: 2026-02-06T12:00:00Z.") var at: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var compute: ComputeOptions

        func run() async throws {
            if let at { return try one(at) }
            let snapshots = try Inputs.snapshots(data, currency: currency, from: from, to: to, workers: compute.workers)
            let start = ContinuousClock.now
            let (study, _) = SurfaceStudy.run(snapshots: snapshots, workers: compute.workers) { (ContinuousClock.now - start).seconds }
            if output.json { return try Terminal.printJSON(study) }
            print(
                """
                \(study.snapshots) snapshots, \(study.slices) slices fitted, \(study.lost) lost
                quotes with the fitted price inside bid and ask   \(FigureText.percent(study.insideBidAsk)) (median over snapshots)
                the same of quotes held back from the fit         \(FigureText.percent(study.insideBidAskHeldBack))
                butterfly violations \(study.butterflyViolations), calendar violations \(study.calendarViolations)
                per snapshot \(String(format: "%.1f ms in median, %.1f ms at worst", study.milliseconds.median, study.milliseconds.worst))
                """)
            if let worst = study.worst {
                print(
                    "worst expiry \(worst.expiry.date) at \(worst.time): \(FigureText.percent(worst.insideBidAsk)) of \(worst.quotes) quotes inside"
                )
            }
        }

        private func one(_ at: String) throws {
            let snapshot = try Inputs.snapshot(data, currency: currency, at: at)
            let fit = SurfaceCalibration().fit(snapshot)
            if output.json { return try Terminal.printJSON(fit.report) }
            var table = TextTable(["expiry", "forward", "quotes", "inside", "ATM vol", "butterfly", "calendar"])
            var skipped: [String] = []
            for expiry in fit.report.expiries {
                guard expiry.outcome == .fitted, let slice = fit.surface?.slice(expiry: expiry.expiry) else {
                    if case .skipped(let reason) = expiry.outcome { skipped.append("\(expiry.expiry.date) left out: \(reason)") }
                    continue
                }
                let volatility = (slice.smile.totalVariance(atLogMoneyness: 0) / slice.timeToExpiry).squareRoot()
                table.add([
                    "\(expiry.expiry.date)", String(format: "%.2f", expiry.forward), "\(expiry.quotes)",
                    FigureText.percent(Double(expiry.inside) / Double(max(expiry.quotes, 1))), FigureText.percent(volatility),
                    expiry.violatesButterfly ? "VIOLATED" : "free", expiry.violatesCalendar ? "VIOLATED" : "free",
                ])
            }
            print("\(snapshot.currency.rawValue) at \(snapshot.time)\n\n\(table.text())" + skipped.joined(separator: "\n"))
        }
    }
}
