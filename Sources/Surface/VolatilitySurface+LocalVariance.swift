import RealModule
public import Stochastics

extension VolatilitySurface {
    /// Dupire's local variance at k = ln(S/F(t)), in total variance:
    ///
    ///     v = ∂w/∂T / g(k)
    ///
    /// Between expiries w is linear in the clock's time, so that ∂w/∂T is one difference quotient; g is the ``ButterflyDensity``, positive where there is
    /// no butterfly arbitrage. Either may fail on extrapolated wings: see ``localVarianceTable(cellsPerExpiry:columns:)``.
    ///
    /// Reference: Gatheral, *The Volatility Surface* (2006), equation 1.10.
    public func localVariance(logMoneyness k: Double, timeToExpiry: Double) -> Double {
        let smile = smile(timeToExpiry: timeToExpiry)
        let after = slices.firstIndex { $0.timeToExpiry >= timeToExpiry } ?? slices.count
        let slope: Double
        if after > 0, after < slices.count {
            let (near, far) = (slices[after - 1], slices[after])
            slope =
                (far.smile.totalVariance(atLogMoneyness: k) - near.smile.totalVariance(atLogMoneyness: k))
                / elapsed(near.timeToExpiry, far.timeToExpiry)
        } else {
            slope = smile.totalVariance(atLogMoneyness: k) / elapsed(0, timeToExpiry)
        }
        return clock.rate(at: moment(timeToExpiry)) * slope / smile.butterflyDensity(atLogMoneyness: k)
    }

    /// The local variance as a table for ``LocalVolatilitySimulator``, which then prices the surface's own options.
    ///
    /// It is kept between a hundredth and a hundred times the at-the-money variance, and is that variance where slope or density are not
    /// positive: on wings beyond the quoted strikes. Columns reach six standard deviations.
    ///
    /// Cells are longer than days: in the table every day is alike, whatever the surface's clock.
    ///
    /// - Parameter cellsPerExpiry: Steps of time between two expiries. Before the first there are as many, each twice as long as the last.
    public func localVarianceTable(cellsPerExpiry: Int = 12, columns: Int = 161) -> LocalVarianceTable {
        precondition(cellsPerExpiry >= 1, "\(cellsPerExpiry) cells an expiry")
        let even = VolatilitySurface(time: time, currency: currency, index: index, slices: slices)
        var ends: [Double] = []
        var start = 0.0
        for (i, slice) in slices.enumerated() {
            for cell in 1...cellsPerExpiry {
                let share = i == 0 ? Double.exp2(Double(cell - cellsPerExpiry)) : Double(cell) / Double(cellsPerExpiry)
                ends.append(start + share * (slice.timeToExpiry - start))
            }
            start = slice.timeToExpiry
        }
        let reach = ends.map { 6 * even.totalVariance(logMoneyness: 0, timeToExpiry: $0).squareRoot() }
        return LocalVarianceTable(ends: ends, reach: reach, columns: columns) { k, years in
            let level = even.totalVariance(logMoneyness: 0, timeToExpiry: years) / years
            let found = even.localVariance(logMoneyness: k, timeToExpiry: years)
            let range = (level / 100)...(level * 100)
            return found > 0 ? min(max(found, range.lowerBound), range.upperBound) : level
        }
    }
}
