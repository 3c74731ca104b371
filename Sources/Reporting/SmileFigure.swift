/// Pictures of fitted smiles beside their quotes.
public enum SmileFigure {
    /// All expiries side by side, the shortest first.
    public static func overview(_ slices: [ComparisonTables.Slice], title: String) -> SVGFigure {
        let met = slices.map(\.met).reduce(into: (inside: 0, all: 0)) {
            $0.inside += $1.inside
            $0.all += $1.all
        }
        return SVGFigure(
            title: title, subtitle: "the fitted price lies inside bid and ask at \(met.inside) of \(met.all) quotes",
            panels: slices.sorted { $0.timeToExpiry < $1.timeToExpiry }.map { panel($0) }, columns: min(3, max(slices.count, 1)),
            panelWidth: 380, panelHeight: 270)
    }

    /// One expiry: the smile, and how far from the middle of each quote it runs.
    public static func expiry(_ slice: ComparisonTables.Slice, title: String) -> SVGFigure {
        SVGFigure(
            title: title, subtitle: slice.heading,
            panels: [panel(slice, title: "implied volatility"), misfits(slice)], panelHeight: 320)
    }

    /// Bid to ask of every strike's closest quote and of all that the curve misses, these in a colour of their own, and the curve.
    static func panel(_ slice: ComparisonTables.Slice, title: String? = nil) -> SVGPanel {
        let two = slice.quotes.filter { $0.bid.isFinite && $0.ask.isFinite }
        func isMissed(_ quote: (logMoneyness: Double, bid: Double, ask: Double)) -> Bool {
            slice.volatility(at: quote.logMoneyness).map { $0 < quote.bid || $0 > quote.ask } ?? false
        }
        func quotes(_ name: String, _ colour: String, _ quotes: [(logMoneyness: Double, bid: Double, ask: Double)]) -> SVGPanel.Series {
            .init(name, colour: colour, .intervals, x: quotes.map(\.logMoneyness), y: quotes.map(\.bid), high: quotes.map(\.ask))
        }
        let missed = two.filter(isMissed)
        return SVGPanel(
            title: title ?? slice.heading, xLabel: "ln(K/F)", yLabel: "implied volatility",
            series: [quotes("bid to ask", Palette.quotes, slice.narrowest.filter { !isMissed($0) })]
                + (missed.isEmpty ? [] : [quotes("missed", Palette.missed, missed)]) + [
                    .init(
                        "fitted", colour: Palette.learned, .line, x: slice.fitted.map(\.logMoneyness), y: slice.fitted.map(\.volatility),
                        isEmphasised: true)
                ], yRange: slice.range(room: 0.12), yIsShare: true)
    }

    /// (σ_fit − σ_mid)/half-spread of every quote with a bid of value: ±1 are the quote's edges. What lies beyond ±3 is drawn there.
    private static func misfits(_ slice: ComparisonTables.Slice) -> SVGPanel {
        let points = slice.quotes.compactMap { quote -> (k: Double, misfit: Double)? in
            guard quote.bid > 0, quote.ask > quote.bid, quote.ask.isFinite, let fitted = slice.volatility(at: quote.logMoneyness) else {
                return nil
            }
            return (quote.logMoneyness, (fitted - (quote.bid + quote.ask) / 2) / ((quote.ask - quote.bid) / 2))
        }
        func series(_ points: [(k: Double, misfit: Double)], _ colour: String) -> SVGPanel.Series {
            .init("", colour: colour, .points, x: points.map(\.k), y: points.map { min(max($0.misfit, -3), 3) })
        }
        let missed = points.filter { $0.misfit.magnitude > 1 }
        return SVGPanel(
            title: "misfit, in half-spreads", xLabel: "ln(K/F)", yLabel: "half-spreads",
            series: [series(points.filter { $0.misfit.magnitude <= 1 }, Palette.quotes)]
                + (missed.isEmpty ? [] : [series(missed, Palette.missed)]),
            references: [
                .init(.horizontal, 1, label: "ask", colour: Palette.faint), .init(.horizontal, -1, label: "bid", colour: Palette.faint),
            ], xRange: slice.fitted.first.flatMap { first in slice.fitted.last.map { first.logMoneyness...$0.logMoneyness } })
    }
}
