import Market
public import Store
public import Surface

/// Parameters and quality of fitted surfaces, a row for every expiry of every snapshot, fitted or not: what `hedge surface fit --to` writes.
public enum SurfaceTable {
    private struct Row {
        let snapshot: SurfaceFitReport
        let report: ExpiryFitReport
        /// With some strikes held back.
        let heldBack: ExpiryFitReport?
        let slice: SurfaceSlice?

        var raw: SVISlice? {
            switch slice?.smile {
            case .svi(let raw): raw
            case .spline(let spline): spline.base
            case nil: nil
            }
        }

        var wings: SVIJumpWings? {
            guard let slice, let raw, raw.totalVariance(atLogMoneyness: 0) > 0 else { return nil }
            return raw.jumpWings(timeToExpiry: slice.timeToExpiry)
        }

        /// Annual decimal.
        func volatility(_ k: Double) -> Double? {
            slice.map { ($0.smile.totalVariance(atLogMoneyness: k) / $0.timeToExpiry).squareRoot() }
        }
    }

    public static func table(_ fits: [SurfaceStudy.SnapshotFit]) -> DataTable {
        let rows = fits.flatMap { fit in
            fit.report.expiries.map { report in
                Row(
                    snapshot: fit.report, report: report, heldBack: fit.heldBack.expiries.first { $0.expiry == report.expiry },
                    slice: fit.surface?.slice(expiry: report.expiry))
            }
        }
        var table = DataTable()
        func numbers(_ name: String, unit: String? = nil, _ value: (Row) -> Double?) {
            table.add(name, unit: unit, rows.map { value($0) ?? .nan })
        }
        func counts(_ name: String, _ value: (Row) -> Int) { table.add(name, rows.map(value)) }
        let price = "quote currency"
        table.add("time", rows.map(\.snapshot.time))
        table.add("currency", rows.map(\.snapshot.currency.rawValue))
        table.add("expiry", rows.map(\.report.expiry))
        numbers("timeToExpiry", unit: "years") { $0.snapshot.time.years(to: $0.report.expiry) }
        table.add("outcome", rows.map(\.report.outcome.name))
        numbers("forward", unit: price) { $0.report.forward }
        numbers("discount") { $0.slice?.discount }
        numbers("parityForward", unit: price) { $0.report.parity?.forward }
        numbers("parityForwardError", unit: price) { $0.report.parity?.standardError }
        counts("listed", \.report.listed)
        counts("refused", \.report.refused)
        counts("quotes", \.report.quotes)
        counts("strikes", \.report.strikes)
        counts("inside", \.report.inside)
        counts("heldBack") { $0.heldBack?.heldBack ?? 0 }
        counts("insideHeldBack") { $0.heldBack?.insideHeldBack ?? 0 }
        numbers("rootMeanSquareMisfit", unit: "half-spreads") { $0.slice == nil ? nil : $0.report.rootMeanSquare }
        numbers("worstMisfit", unit: "half-spreads") { $0.slice == nil ? nil : $0.report.worst }
        numbers("minimumButterflyDensity") { $0.report.minimumButterflyDensity }
        numbers("minimumCalendarGap", unit: "total variance") { $0.report.minimumCalendarGap }
        counts("respectsLeeBounds") { $0.report.respectsLeeBounds ? 1 : 0 }
        counts("converged") { $0.report.converged ? 1 : 0 }
        table.add("start", rows.map { $0.report.start?.rawValue ?? "" })
        counts("steps", \.report.steps)
        numbers("repair", unit: "annual decimal") { $0.slice == nil ? nil : $0.report.repair?.change.value ?? 0 }
        numbers("atTheMoneyVolatility", unit: "annual decimal") { $0.volatility(0) }
        numbers("lowestStrike", unit: "log-moneyness") { $0.slice?.quoted.lowerBound }
        numbers("highestStrike", unit: "log-moneyness") { $0.slice?.quoted.upperBound }
        numbers("a", unit: "total variance") { $0.raw?.a }
        numbers("b", unit: "total variance per log-moneyness") { $0.raw?.b }
        numbers("rho") { $0.raw?.rho }
        numbers("m", unit: "log-moneyness") { $0.raw?.m }
        numbers("sigma", unit: "log-moneyness") { $0.raw?.sigma }
        numbers("wingVariance", unit: "per year") { $0.wings?.variance }
        numbers("wingSkew", unit: "total volatility per log-moneyness") { $0.wings?.skew }
        numbers("wingPutSlope") { $0.wings?.putSlope }
        numbers("wingCallSlope") { $0.wings?.callSlope }
        numbers("wingMinimumVariance", unit: "per year") { $0.wings?.minimumVariance }
        return table
    }
}

extension ExpiryFitReport.Outcome {
    /// `fitted`, or why not.
    public var name: String {
        switch self {
        case .fitted: "fitted"
        case .notTried: "not tried"
        case .skipped(let reason): reason
        }
    }
}
