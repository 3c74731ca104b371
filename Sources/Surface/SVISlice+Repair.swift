import RealModule

extension SVIProblem {
    /// Where a point violates worst, nil where not: the z of negative butterfly density, the z and w/θ of an earlier expiry above it.
    func violations(
        _ x: Point, floor: SVICalibration.Bound?
    ) -> (butterfly: Double?, calendar: (z: Double, variance: Double)?) {
        let slice = slice(x)
        let lowest = slice.minimumButterflyDensity(over: (low * scale)...(high * scale))
        let gap = floor.map { slice.minimumCalendarGap(after: $0.smile, over: $0.range) }
        return (
            lowest.density < 0 ? lowest.logMoneyness / scale : nil,
            gap.flatMap { gap in
                guard gap.gap < 0, let floor else { return nil }
                return (gap.logMoneyness / scale, floor.smile.totalVariance(atLogMoneyness: gap.logMoneyness) / theta)
            }
        )
    }

    /// `count` points of another expiry, scaled.
    func bound(_ bound: SVICalibration.Bound, count: Int) -> [(z: Double, variance: Double)] {
        let (low, high) = (bound.range.lowerBound, bound.range.upperBound)
        return (0..<count).map { i in
            let k = low + (high - low) * Double(i) / Double(count - 1)
            return (k / scale, bound.smile.totalVariance(atLogMoneyness: k) / theta)
        }
    }

    /// The point repaired of butterflies by the jump-wings rule, or nil where the rule has none.
    func repaired(_ x: Point) -> Point? {
        slice(x).withoutButterflies.map { point($0, rescaled: false) }
    }
}

extension SVISlice {
    /// The SSVI slice of the same at-the-money variance and skew, free of butterflies at every strike; nil without variance at the money.
    ///
    /// The jump-wings rule gives φ and ρ; φ is then held to θφ(1 + |ρ|) ≤ 4 and θφ²(1 + |ρ|) ≤ 4.
    ///
    /// Reference: Gatheral, Jacquier (2014), section 5.1 and theorem 4.2.
    public var withoutButterflies: SVISlice? {
        let theta = totalVariance(atLogMoneyness: 0)
        guard theta > 0 else { return nil }
        // The rule is scale-free, so a year of total variance does.
        let wings = jumpWings(timeToExpiry: 1).withoutButterflies
        let sum = wings.putSlope + wings.callSlope
        guard sum > 0, sum.isFinite else { return SVISlice(flat: theta) }
        let rho = (wings.callSlope - wings.putSlope) / sum
        let side = 1 + rho.magnitude
        let phi = min(sum / theta.squareRoot(), 4 / (theta * side), 2 / (theta * side).squareRoot())
        return SVISlice(atTheMoney: theta, rho: rho, phi: phi)
    }

    /// The slice with the least change towards ``withoutButterflies`` that leaves no negative density inside a range, then lifted above an
    /// earlier expiry.
    func repaired(over range: ClosedRange<Double>, above floor: SVICalibration.Bound?) -> SVISlice {
        guard let free = withoutButterflies else { return self }
        func mixed(_ share: Double) -> SVISlice {
            func mix(_ a: Double, _ b: Double) -> Double { a + share * (b - a) }
            let (l, r) = (mix(wingSlopes.left, free.wingSlopes.left), mix(wingSlopes.right, free.wingSlopes.right))
            let sigma = mix(self.sigma, free.sigma)
            return SVISlice(
                a: mix(minimumVariance, free.minimumVariance) - sigma * (l * r).squareRoot(), b: (l + r) / 2,
                rho: l + r > 0 ? (r - l) / (r + l) : 0, m: mix(m, free.m), sigma: sigma)
        }
        func lifted(_ slice: SVISlice) -> SVISlice {
            guard let floor else { return slice }
            let gap = slice.minimumCalendarGap(after: floor.smile, over: floor.range).gap
            guard gap < 0 else { return slice }
            var slice = slice
            slice.a -= gap * (1 + 1e-9)
            return slice
        }
        func isFree(_ slice: SVISlice) -> Bool { slice.minimumButterflyDensity(over: range).density >= 0 }
        if isFree(lifted(self)) { return lifted(self) }
        var (low, high) = (0.0, 1.0)
        for _ in 0..<30 {
            let middle = (low + high) / 2
            if isFree(lifted(mixed(middle))) { high = middle } else { low = middle }
        }
        return lifted(mixed(high))
    }
}
