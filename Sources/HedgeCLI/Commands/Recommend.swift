import ArgumentParser
import Foundation
import Market
import Reporting
import Serving
import StrictJSON

/// `hedge recommend --market FILE --book FILE`: one recommendation, offline, by the serving code.
struct Recommend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One recommendation, offline, by the code that serves.",
        discussion: """
            The market is a snapshot in JSON as POST /v1/market takes it, or a recorded file or folder, whose last snapshot is used.
            The book is JSON: {"positions": [{"instrument": "BTC-27MAR26-95000-C", "quantity": -2.5}]}
            """)

    @Option(name: .long, help: "Snapshot in JSON, or a recorded file or folder.") var market: String
    @Option(name: .long, help: "Book in JSON.") var book: String
    @Option(name: .long, help: "Currency, where the market holds several.") var currency: String?
    @Option(name: .long, help: "Use the last snapshot up to this moment: 2026-02-06T12:00:00Z.") var at: String?
    @Option(name: .long, help: "NAME or NAME@VERSION of a trained model.") var model: String?
    @Option(name: .long, help: "Folder of the models.") var models = "models"
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let book = try Inputs.book(book)
        let currency = currency ?? book.positions.first?.instrument.underlying.rawValue
        let snapshot = try Inputs.snapshot(market, currency: currency, settlement: .inverse, at: at)
        let advisor = HedgeAdvisor(model: try Inputs.model(model, in: models))
        // Offline the answer is given as of the snapshot: a recording is not stale, it is old.
        let recommendation = try reading(self.book) { try advisor.recommend(advisor.fit(snapshot), book, now: snapshot.time) }
        if output.json { print(try recommendation.json().text(indented: true)) } else { print(try RecommendationText.text(recommendation)) }
    }
}

/// A recommendation as a person reads it.
enum RecommendationText {
    static func text(_ answer: HedgeRecommendation) throws -> String {
        var table = TextTable(["instrument", "held", "analytic", "learned", "target", "trade"])
        for line in answer.lines {
            table.add([
                try DeribitName.format(line.instrument), number(line.held), number(line.analytic), line.learned.map(number) ?? "-",
                number(line.target), number(line.trade),
            ])
        }
        let exposure = answer.exposure
        var lines = [
            "\(answer.currency.rawValue) at \(answer.marketTime): \(answer.strategy)", "", table.text(),
            "book: value \(number(exposure.value)) coin, delta \(number(exposure.delta)), net delta \(number(exposure.netDelta)), "
                + "gamma \(String(format: "%.0f", exposure.dollarGamma)) USD per 1 %, vega \(String(format: "%.0f", exposure.vega / 100)) USD per point",
        ]
        lines += answer.reasons.map { "- \($0)" }
        lines += answer.warnings.map { "warning: \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double) -> String { String(format: "%.4f", value) }
}
