public import Features
public import Learning
import VectorKernels

/// What a network needs around it to be a hedge: the features it reads, how they are scaled, and what its outputs mean.
///
/// Inputs of the network are the standardised features, what it is told by `conditions`, and, where `seesHoldings`, the previous
/// holdings divided by `holdingScales`. Outputs per instrument j: the holding, or for a no-transaction band lower and upper half-width and,
/// where `learnsShift`, a shift of the centre. Output o of instrument j is row `o·H + j`.
public struct HedgePolicy: Sendable, Codable, Equatable {
    public var kind: PolicyKind
    public var center: PolicyCenter
    public var features: [FeatureName]
    public var standardizer: Standardizer
    /// Names of the instruments whose holdings come out, H of them, in order.
    public var instruments: [String]
    /// s: what one unit of output is worth in units of each instrument. Positive.
    public var holdingScales: [Double]
    public var seesHoldings: Bool
    public var learnsShift: Bool
    /// Time to expiry of each decision, years, falling: the dates of a per-step policy's networks. Nil for all other kinds.
    public var decisionTimes: [Double]?
    /// Numbers that the network is told beside the features; nil for one that is trained for a single problem.
    public var conditions: [PolicyCondition]?
    /// How many assets the network decides on one after the other, seeing of each its own features and holdings: features and
    /// instruments then stand asset by asset, alike for each, and inputs and outputs of the network are those of one asset. Nil for a
    /// network that sees and decides all at once.
    public var sharingAssets: Int?
    public var architecture: NetworkArchitecture

    public init(
        kind: PolicyKind, center: PolicyCenter, features: [FeatureName], standardizer: Standardizer, instruments: [String],
        holdingScales: [Double], seesHoldings: Bool, learnsShift: Bool, hidden: [Int], activation: Activation,
        normalization: Normalization? = nil, cell: RecurrentCell? = nil, decisionTimes: [Double]? = nil,
        conditions: [PolicyCondition]? = nil, sharingAssets: Int? = nil
    ) {
        precondition(standardizer.count == features.count, "\(features.count) features, standardizer of \(standardizer.count)")
        precondition(holdingScales.count == instruments.count, "\(instruments.count) instruments, \(holdingScales.count) scales")
        precondition(center != .holdings || !kind.drawsBand, "a band is measured from an analytic centre, not from the holdings")
        precondition(kind != .linear || hidden.isEmpty, "a linear policy with hidden layers \(hidden)")
        precondition((kind == .recurrent) == (cell != nil), "a recurrent policy has a cell, and no other kind")
        precondition((kind == .perStep) == (decisionTimes != nil), "a per-step policy has decision times, and no other kind")
        precondition(sharingAssets == nil || [.feedForward, .noTransactionBand, .linear].contains(kind), "assets share a \(kind) policy")
        let copies = sharingAssets ?? 1
        precondition(
            copies > 0 && features.count % copies == 0 && instruments.count % copies == 0,
            "\(features.count) features and \(instruments.count) instruments of \(copies) assets")
        self.kind = kind
        self.center = center
        self.features = features
        self.standardizer = standardizer
        self.instruments = instruments
        self.holdingScales = holdingScales
        self.seesHoldings = seesHoldings
        self.learnsShift = learnsShift
        self.decisionTimes = decisionTimes
        self.conditions = conditions
        self.sharingAssets = sharingAssets
        let own = instruments.count / copies
        let (states, heads) = kind == .book ? (BookTile.exposures, 1) : (seesHoldings ? own : 0, own)
        architecture = NetworkArchitecture(
            inputs: features.count / copies + (conditions?.count ?? 0) + states, hidden: hidden,
            outputs: heads * (kind.drawsBand ? learnsShift || kind == .book ? 3 : 2 : 1), activation: activation,
            normalization: normalization, cell: cell, steps: decisionTimes?.count)
    }

    /// What the network reads of the values it is told, in the order of `conditions`.
    func conditionInputs(_ values: [Double]) -> [Float] {
        let conditions = conditions ?? []
        precondition(values.count == conditions.count, "the policy is told \(conditions.map(\.name)), found \(values.count) values")
        return zip(conditions, values).map { $0.input($1) }
    }

    /// H.
    public var instrumentCount: Int { instruments.count }

    /// Runs of the network for one decision: one for each asset that shares it.
    var copies: Int { sharingAssets ?? 1 }

    /// Instruments that one run of the network decides on: all, those of one asset, or the one option of the day.
    var headCount: Int { kind == .book ? 1 : instruments.count / copies }

    /// Features that one run of the network reads.
    var featureCount: Int { features.count / copies }

    /// The columns a market must fill: features of the network, what the centre reads, and what tells the step.
    public var inputs: [FeatureName] {
        var names = features
        let times: [FeatureName] = decisionTimes == nil ? [] : [.timeToExpiry]
        for name in kind == .book ? BookTile.inputs : center.features(of: instruments) + times where !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// Whose network decides with that time to expiry left, years: that of the nearest decision date of the training, the earlier of
    /// two alike. On the dates of the training these are the training's own steps. 0 where all steps share one network.
    func step(timeToExpiry: Double) -> Int {
        guard let decisionTimes else { return 0 }
        var nearest = 0
        for (step, time) in decisionTimes.enumerated()
        where (time - timeToExpiry).magnitude < (decisionTimes[nearest] - timeToExpiry).magnitude {
            nearest = step
        }
        return nearest
    }

    /// Analytic holdings c of instrument `j` for N states.
    func centers(_ batch: DecisionBatch, instrument j: Int) -> [Double] {
        let asset = batch.instruments[j].asset
        let underlying = batch.instruments.firstIndex { $0.kind == .underlying && $0.asset == asset }
        guard let feature = center.feature, underlying == j else { return Array(repeating: 0, count: batch.count) }
        let sensitivities = batch.features[feature.ofAsset(asset)]
        let instruments = batch.instruments.count
        return sensitivities.indices.map { i in
            let delta = batch.deltas.storage[i * instruments + j]
            return delta == 0 ? 0 : -sensitivities[i] / delta
        }
    }
}

/// Outputs to holdings over a block of B samples, one instrument; forward and backward side by side.
///
/// Hot-loop code: the caller answers for the sizes. `outputs` points to the instrument's first output row; its o-th
/// row lies `o·rowStride` further on.
struct PolicyHead {
    let drawsBand: Bool
    /// Whether outputs are trades: measured from the previous holding.
    let isTrade: Bool
    let learnsShift: Bool
    let rowStride: Int
    let samples: Int
    /// Whether bands go by vector kernels.
    private let isTile: Bool

    init(_ policy: HedgePolicy, samples: Int) {
        drawsBand = policy.kind.drawsBand
        isTrade = policy.center == .holdings
        learnsShift = policy.learnsShift || policy.kind == .book
        rowStride = policy.headCount * samples
        self.samples = samples
        isTile = VectorUnit.isAvailable && samples == DenseTile.samples
    }

    /// Writes the holdings [B].
    @inline(__always)
    func forward(
        outputs: UnsafePointer<Float>, center: UnsafePointer<Float>, scale: Float, previous: UnsafePointer<Float>,
        holdings: UnsafeMutablePointer<Float>
    ) {
        guard drawsBand else {
            let base = isTrade ? previous : center
            for i in 0..<samples { holdings[i] = base[i] + scale * outputs[i] }
            return
        }
        let shift = outputs + 2 * rowStride
        if isTile {
            return BandTile.forward(
                below: outputs, above: outputs + rowStride, shift: learnsShift ? shift : nil, center: center, scale: scale,
                previous: previous, holdings: holdings)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * samples) { widths in
            let below = widths.baseAddress!
            let above = below + samples
            below.update(from: outputs, count: samples)
            above.update(from: outputs + rowStride, count: samples)
            Activation.softplus.apply(below, count: 2 * samples)
            for i in 0..<samples {
                let middle = learnsShift ? center[i] + scale * shift[i] : center[i]
                holdings[i] = max(middle - scale * below[i], min(middle + scale * above[i], previous[i]))
            }
        }
    }

    /// From dL/dh: writes dL/d outputs, and adds what reaches the previous holding through the clamp.
    ///
    /// - Parameter holdings: As `forward` left them: above `previous` where they were raised to the band's lower edge.
    @inline(__always)
    func backward(
        outputs: UnsafePointer<Float>, scale: Float, previous: UnsafePointer<Float>, holdings: UnsafePointer<Float>,
        holdingGradient: UnsafePointer<Float>, outputGradient: UnsafeMutablePointer<Float>,
        previousGradient: UnsafeMutablePointer<Float>
    ) {
        guard drawsBand else {
            for i in 0..<samples { outputGradient[i] = scale * holdingGradient[i] }
            if isTrade { for i in 0..<samples { previousGradient[i] += holdingGradient[i] } }
            return
        }
        if isTile {
            return BandTile.backward(
                below: outputs, above: outputs + rowStride, scale: scale, previous: previous, holdings: holdings,
                holdingGradient: holdingGradient, belowGradient: outputGradient, aboveGradient: outputGradient + rowStride,
                shiftGradient: learnsShift ? outputGradient + 2 * rowStride : nil, previousGradient: previousGradient)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * samples) { scratch in
            let lower = scratch.baseAddress!
            let slopes = lower + 2 * samples
            lower.update(from: outputs, count: samples)
            (lower + samples).update(from: outputs + rowStride, count: samples)
            Activation.softplus.apply(lower, slopes: slopes, count: 2 * samples)
            for i in 0..<samples {
                let gradient = holdingGradient[i]
                let scaled = scale * gradient
                let isBelow = holdings[i] > previous[i]
                let isAbove = holdings[i] < previous[i]
                outputGradient[i] = isBelow ? -scaled * slopes[i] : 0
                outputGradient[i + rowStride] = isAbove ? scaled * slopes[i + samples] : 0
                if learnsShift { outputGradient[i + 2 * rowStride] = isBelow || isAbove ? scaled : 0 }
                previousGradient[i] += isBelow || isAbove ? 0 : gradient
            }
        }
    }
}
