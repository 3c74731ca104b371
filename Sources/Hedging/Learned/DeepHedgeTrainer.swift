public import Features
public import Learning
public import LinearAlgebra
public import Probability

/// Fits a network to hedge a market's book by descending a risk measure of the hedged loss, back-propagating through
/// time over every path.
///
/// An epoch is one pass over `paths` paths, in one update or in several of `batch` paths: fresh ones where the market is
/// simulated, the next of a shuffled cycle of tiles where it is recorded. The same settings give the same bits for any
/// number of threads and wherever the training was cut and gone on with: gradients are summed tile by tile, in a fixed
/// order. A `budgetSeconds` that ends a training early is the one exception.
///
/// Reference: Buehler, Gonon, Teichmann, Wood, *Deep hedging*, Quantitative Finance 19 (2019).
public struct DeepHedgeTrainer: Sendable, Codable, Equatable {
    public var policy = PolicyKind.noTransactionBand
    /// What the outputs are measured from.
    public var center = PolicyCenter.delta
    /// Whether a band's centre may move away from `center`.
    public var learnsShift = false
    /// Whether the network reads the previous holdings; nil lets the policy decide: all do but a band, which has
    /// them in its clamp already.
    public var seesHoldings: Bool?
    /// Whether one network decides on asset after asset of a market of several, alike for each, in place of one for all at once.
    public var sharedAcrossAssets = false
    public var features: [FeatureName] = [.logMoneyness, .timeToExpiry, .impliedVolatility]
    /// Not for linear policies.
    public var hidden = [32, 32, 32, 32]
    public var activation = Activation.relu
    public var normalization: Normalization?
    /// What remembers in a recurrent policy.
    public var cell = RecurrentCell(.gru, units: 32)
    /// Paths of one epoch.
    public var paths = 25_000
    /// Paths of one update, a divisor of `paths`; nil is all of an epoch.
    public var batch: Int?
    public var epochs = 500
    /// Paths that a worker asks the market for at once, in whole tiles of 64. No result depends on it.
    public var blockSize = 256
    public var learningRate = LearningRate.cosine(peak: 1e-2, floor: 1e-5, warmup: 20)
    public var optimizer = Adam()
    /// Decay of the running mean of the parameters, which is what is validated and kept.
    public var averaging = 0.98
    /// Cash subtracted from every loss before the risk measure: matters for measures that are not cash invariant.
    public var premium = 0.0
    public var validationPaths = 50_000
    /// Epochs from one validation to the next.
    public var validateEvery = 25
    /// Stops after so many validations in a row that did not improve on the best before them; nil never does.
    public var patience: Int?
    /// What a validation must improve on the best by, in the objective's unit, for `patience` to count it.
    public var minimumImprovement = 0.0
    /// Stops at the first epoch that ends later; nil runs all epochs.
    public var budgetSeconds: Double?
    public var seed: UInt64 = 1

    public init() {}

    /// Trains on `market` and returns the hedge that did best on `validation`.
    ///
    /// - Parameters:
    ///   - risk: The objective, of the seller's loss less `premium`.
    ///   - market: Paths to fit on.
    ///   - validation: Independent paths to choose the epoch on, same instruments.
    ///   - start: Where the weights begin.
    ///   - state: Where an earlier call with the same settings and markets was cut; nil begins.
    ///   - progress: Called after each epoch.
    ///   - checkpoint: Called after each epoch with the state to go on from later, and with why the training ends there, if it does. The
    ///     validation that a cut asks for besides the regular ones is not in it.
    ///   - isCancelled: Asked after each epoch, and before the first of a training that goes on; true ends the training with what it has.
    public func fit(
        _ risk: RiskMeasure, market: any HedgingMarket, validation: any HedgingMarket, start: TrainingStart = .random,
        from state: TrainingState? = nil, workers: Workers = Workers(), progress: (TrainingProgress) -> Void = { _ in },
        checkpoint: (TrainingState, TrainingReport.End?) throws -> Void = { _, _ in }, isCancelled: () -> Bool = { false }
    ) throws -> (hedge: LearnedHedge, report: TrainingReport) {
        try validate(market, validation)
        try risk.validate()
        let initial = try begin(start, on: market, isGoingOn: state != nil)
        let policy = initial.policy
        if let times = policy.decisionTimes {
            let other = try decisionTimes(validation.paths(0..<1, features: policy.inputs))
            guard other == times else {
                throw DeepHedgeError.setting(
                    name: "decision times of the validation market", found: "\(other)", expected: "the training market's, \(times)")
            }
        }
        var network = initial.network
        if let state, state.parameters.count != network.parameters.count {
            throw DeepHedgeError.setting(
                name: "state", found: "that of \(state.parameters.count) parameters", expected: "\(network.parameters.count)")
        }
        let first = state ?? TrainingState(parameters: network.parameters, decay: averaging)
        let run = TrainingRun(self, risk, policy: policy, market: market, validation: validation, from: first, workers: workers)
        var end = first.epoch == 0 ? nil : self.end(run.state, isCancelled: isCancelled())
        while end == nil {
            try run.advance()
            let isValidated = run.state.epoch % validateEvery == 0 || run.state.epoch == epochs
            if isValidated { try run.validate() }
            end = self.end(run.state, isCancelled: isCancelled())
            try checkpoint(run.state, end)
            progress(run.progress(isValidated: isValidated))
        }
        // An end between two validations.
        if run.state.history.last?.epoch != run.state.epoch { try run.validate() }
        guard let best = run.state.best, let end else { throw DeepHedgeError.noPaths }
        network.parameters = best.parameters
        return (LearnedHedge(policy, network: network), TrainingReport(run.state, best: best, end: end))
    }

    /// Why the training ends at that state; nil where it goes on.
    func end(_ state: TrainingState, isCancelled: Bool) -> TrainingReport.End? {
        if state.epoch >= epochs { return .epochs }
        if let patience, state.validationsWithoutGain(minimumImprovement) >= patience { return .settled }
        if isCancelled { return .cancelled }
        return budgetSeconds.map { state.seconds >= $0 } ?? false ? .budget : nil
    }

    // MARK: Before the first update

    func validate(_ market: any HedgingMarket, _ validation: any HedgingMarket) throws {
        for (name, value) in [
            ("paths", paths), ("epochs", epochs), ("blockSize", blockSize), ("validationPaths", validationPaths),
            ("validateEvery", validateEvery), ("batch", batch ?? 1), ("patience", patience ?? 1),
        ] where value < 1 {
            throw DeepHedgeError.setting(name: name, found: "\(value)", expected: "at least 1")
        }
        if let batch, paths % batch != 0 {
            throw DeepHedgeError.setting(name: "batch", found: "\(batch)", expected: "a divisor of paths, which is \(paths)")
        }
        guard (0..<1).contains(averaging) else {
            throw DeepHedgeError.setting(name: "averaging", found: "\(averaging)", expected: "0 <= averaging < 1")
        }
        guard center != .holdings || !policy.drawsBand else {
            throw DeepHedgeError.setting(name: "center", found: center.rawValue, expected: "an analytic centre for a no-transaction band")
        }
        guard hidden.allSatisfy({ $0 > 0 }) else {
            throw DeepHedgeError.setting(name: "hidden", found: "\(hidden)", expected: "positive widths")
        }
        if sharedAcrossAssets { try validateSharing(market) }
        for one in [market, validation] {
            let available = one.availableFeatures
            let step: [FeatureName] = policy == .perStep ? [.timeToExpiry] : []
            let others = policy == .book ? BookTile.inputs : center.features(of: one.instruments.map(\.name)) + step
            for name in features + others where !available.contains(name) {
                throw DeepHedgeError.missingFeature(name, available: available)
            }
            guard one.recordedPaths ?? 1 > 0, !one.instruments.isEmpty else { throw DeepHedgeError.noPaths }
        }
        guard market.instruments.map(\.name) == validation.instruments.map(\.name) else {
            throw DeepHedgeError.instrumentsDiffer(
                training: market.instruments.map(\.name), validation: validation.instruments.map(\.name))
        }
    }

    /// One network for all assets asks for the same columns and instruments of each, asset by asset.
    private func validateSharing(_ market: any HedgingMarket) throws {
        guard [.feedForward, .noTransactionBand, .linear].contains(policy) else {
            throw DeepHedgeError.setting(
                name: "sharedAcrossAssets", found: "true for a \(policy.rawValue) policy",
                expected: "a feed-forward, linear or no-transaction-band policy")
        }
        let assets = market.instruments.compactMap(\.asset).max() ?? 0
        func isAlike(_ names: [String]) -> Bool {
            guard assets > 0, names.count % assets == 0 else { return false }
            let own = names.prefix(names.count / assets).compactMap { AssetNumber.split($0)?.name }
            return names == (1...assets).flatMap { asset in own.map { AssetNumber.name($0, asset: asset) } }
        }
        for (name, found) in [("instruments", market.instruments.map(\.name)), ("features", features.map(\.rawValue))]
        where !isAlike(found) {
            throw DeepHedgeError.setting(
                name: "\(name) of a network shared across assets", found: "\(found)",
                expected: "the same of every asset, asset by asset, such as [x.1, y.1, x.2, y.2]")
        }
    }

    /// Whole tiles in `blockSize`.
    var tilesAtOnce: Int { max(1, blockSize / PolicyBlock.samples) }

    /// Paths that the scales of inputs and holdings are read from.
    private static let scalingPaths = 4096

    /// Time to expiry at each decision, years, where it is one for all paths.
    private func decisionTimes(_ paths: any HedgingPaths) throws -> [Double] {
        let none = Matrix<Double>(rows: paths.count, columns: paths.finalPrices.columns)
        return try (0..<paths.steps).map { step in
            let times = paths.decision(step: step, holdings: none).features[.timeToExpiry]
            guard let other = times.first(where: { $0 != times[0] }) else { return times[0] }
            throw DeepHedgeError.setting(
                name: "policy", found: "\(policy.rawValue), with \(times[0]) and \(other) years left at decision \(step + 1)",
                expected: "a market whose paths decide at the same times to expiry")
        }
    }

    /// The policy with its scales: each feature by its mean and deviation over the first paths and all steps, each
    /// instrument by the holding that the book's own sensitivity asks for, root mean square.
    ///
    /// - Parameter conditions: What the policy is told besides; nil for a single problem.
    func fittedPolicy(_ market: any HedgingMarket, conditions: [PolicyCondition]? = nil) throws -> HedgePolicy {
        let instruments = market.instruments
        let available = market.availableFeatures
        let delta: FeatureName = center == .netDelta ? .bookNetDelta : .bookDelta
        // What each instrument is there to neutralise.
        let exposures = instruments.map { ($0.kind == .underlying ? delta : .bookVega).ofAsset($0.asset) }
        let sensitivities = Set(exposures).filter(available.contains)
        let count = min(Self.scalingPaths, market.recordedPaths ?? Self.scalingPaths)
        let times: Set<FeatureName> = policy == .perStep ? [.timeToExpiry] : []
        let paths = market.paths(0..<count, features: features + sensitivities.union(times).subtracting(features))
        guard paths.count > 0, paths.steps > 0 else { throw DeepHedgeError.noPaths }
        // Assets that share the network share its scales.
        let copies = sharedAcrossAssets ? Set(instruments.map(\.asset)).count : 1
        let (ownFeatures, ownInstruments) = (features.count / copies, instruments.count / copies)
        var moments = Standardizer.Moments(count: ownFeatures)
        var squares = [Double](repeating: 0, count: ownInstruments)
        let none = Matrix<Double>(rows: paths.count, columns: instruments.count)
        for t in 0..<paths.steps {
            let batch = paths.decision(step: t, holdings: none)
            for (f, name) in features.enumerated() { moments.add(batch.features[name], at: f % ownFeatures) }
            for (j, instrument) in instruments.enumerated() {
                let own = instrument.kind == .underlying ? batch.deltas : batch.vegas
                guard sensitivities.contains(exposures[j]) else { continue }
                let book = batch.features[exposures[j]]
                for i in book.indices where own[i, j] != 0 {
                    let ratio = book[i] / own[i, j]
                    if ratio.isFinite { squares[j % ownInstruments] += ratio * ratio }
                }
            }
        }
        let states = Double(paths.count * paths.steps * copies)
        if policy == .book {
            return HedgePolicy(
                kind: policy, center: .zero, features: features, standardizer: moments.standardizer, instruments: instruments.map(\.name),
                holdingScales: BookTile.scales(of: market, paths: 0..<count), seesHoldings: true, learnsShift: true, hidden: hidden,
                activation: activation)
        }
        let scales = squares.map { $0 > 0 ? ($0 / states).squareRoot() : 1 }
        return HedgePolicy(
            kind: policy, center: center, features: features, standardizer: moments.standardizer.repeated(copies),
            instruments: instruments.map(\.name), holdingScales: (0..<copies).flatMap { _ in scales },
            seesHoldings: seesHoldings ?? !policy.drawsBand, learnsShift: policy.drawsBand && learnsShift,
            hidden: policy == .linear ? [] : hidden, activation: activation, normalization: normalization,
            cell: policy == .recurrent ? cell : nil, decisionTimes: policy == .perStep ? try decisionTimes(paths) : nil,
            conditions: conditions, sharingAssets: sharedAcrossAssets ? copies : nil)
    }

    /// Random weights that hedge much like the centre.
    func initialNetwork(_ policy: HedgePolicy) -> Network {
        var network = Network(policy.architecture, from: RandomStream(seed: seed, purpose: .weights), outputScale: 0.1)
        if self.policy.drawsBand { startNarrow(&network, policy: policy) }
        return network
    }

    /// The policy and its first weights.
    ///
    /// - Parameter isGoingOn: The weights will be replaced by those of a state, and need no fitting.
    private func begin(_ start: TrainingStart, on market: any HedgingMarket, isGoingOn: Bool) throws -> LearnedHedge {
        let policy = try fittedPolicy(market)
        switch start {
        case .random: return LearnedHedge(policy, network: initialNetwork(policy))
        case .hedge(let hedge):
            if let obstacle = policy.obstacle(toWeightsOf: hedge.policy) {
                throw DeepHedgeError.setting(
                    name: "\(obstacle.name) of the hedge to start from", found: obstacle.found,
                    expected: "what is to be trained: \(obstacle.expected)")
            }
            return hedge
        case .strategy(let strategy):
            guard [.feedForward, .linear, .noTransactionBand].contains(policy.kind) else {
                throw DeepHedgeError.setting(
                    name: "the policy that starts from a formula", found: policy.kind.rawValue,
                    expected: "one that decides by the state alone: feed-forward, linear or no-transaction-band")
            }
            for name in strategy.inputs where !market.availableFeatures.contains(name) {
                throw DeepHedgeError.missingFeature(name, available: market.availableFeatures)
            }
            var network = initialNetwork(policy)
            if !isGoingOn { Imitation().fit(&network, of: policy, to: strategy, on: market, seed: seed) }
            return LearnedHedge(policy, network: network)
        }
    }

    /// Starts a band at half-widths of softplus(−2) ≈ 0.13 holding scales: a wide one trades, and learns, little.
    private func startNarrow(_ network: inout Network, policy: HedgePolicy) {
        guard let last = network.architecture.layers.last else { return }
        for o in 0..<2 * policy.headCount { network.parameters[last.biases + o] = -2 }
    }
}
