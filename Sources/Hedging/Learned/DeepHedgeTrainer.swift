public import Features
public import Learning
public import LinearAlgebra
public import Probability

/// Fits a network to hedge a market's book by descending a risk measure of the hedged loss, back-propagating through
/// time over every path.
///
/// Each epoch is one update over `paths` paths: fresh ones where the market is simulated, the next of a shuffled
/// cycle of tiles where it is recorded. The same settings give the same bits for any number of threads: gradients
/// are summed tile by tile, in a fixed order. A `budgetSeconds` that ends a training early is the one exception.
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
    public var features: [FeatureName] = [.logMoneyness, .timeToExpiry, .impliedVolatility]
    /// Not for linear policies.
    public var hidden = [32, 32, 32, 32]
    public var activation = Activation.relu
    public var normalization: Normalization?
    /// What remembers in a recurrent policy.
    public var cell = RecurrentCell(.gru, units: 32)
    /// Paths of one epoch: one update.
    public var paths = 25_000
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
    ///   - progress: Called after each epoch.
    ///   - isCancelled: Asked after each epoch; true ends the training with what it has.
    public func fit(
        _ risk: RiskMeasure, market: any HedgingMarket, validation: any HedgingMarket, workers: Workers = Workers(),
        progress: (TrainingProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> (hedge: LearnedHedge, report: TrainingReport) {
        try validate(market, validation)
        try risk.validate()
        let start = ContinuousClock.now
        func seconds() -> Double { (ContinuousClock.now - start) / .seconds(1) }

        let policy = try fittedPolicy(market)
        var network = Network(policy.architecture, from: RandomStream(seed: seed, purpose: .weights), outputScale: 0.1)
        if self.policy.drawsBand { startNarrow(&network, policy: policy) }
        var optimizerState = Adam.State(parameterCount: network.parameters.count)
        var average = ParameterAverage(decay: averaging, parameters: network.parameters)

        let source = TrainingPaths(market, policy: policy, settings: self, workers: workers)
        let judges = TrainingPaths(validation, policy: policy, settings: self, workers: workers).all(upTo: validationPaths)
        let samples = [market, validation].map { $0.paths(0..<1, features: policy.inputs) }
        if let times = policy.decisionTimes {
            let other = try decisionTimes(samples[1])
            guard other == times else {
                throw DeepHedgeError.setting(
                    name: "decision times of the validation market", found: "\(other)", expected: "the training market's, \(times)")
            }
        }
        let steps = samples.map(\.steps)
        let engine = PolicyGradient(policy, steps: max(steps[0], steps[1]), tilesAtOnce: tilesAtOnce, workers: workers)
        var objective = RiskObjective(risk, premium: premium)

        var best = (epoch: 0, value: Double.infinity, error: 0.0, parameters: network.parameters)
        var history: [TrainingReport.Point] = []
        var end = TrainingReport.End.epochs
        var pathSteps = 0.0
        var epoch = 0
        while epoch < epochs {
            let step = try engine.evaluate(&objective, parameters: network.parameters, on: source.epoch(epoch))
            guard step.loss.isFinite, step.gradient.allSatisfy(\.isFinite) else {
                throw DeepHedgeError.diverged(epoch: epoch + 1, loss: step.loss)
            }
            pathSteps += Double(step.pathSteps)
            let rate = Float(learningRate.rate(step: epoch, of: epochs))
            optimizer.update(&network.parameters, along: step.gradient, rate: rate, state: &optimizerState)
            average.add(network.parameters)
            epoch += 1

            let isLate = budgetSeconds.map { seconds() >= $0 } ?? false
            let isStopped = isCancelled()
            var value: Double?
            if epoch % validateEvery == 0 || epoch == epochs || isLate || isStopped {
                let losses = engine.losses(average.parameters, on: judges)
                let found = try objective.value(losses)
                value = found
                history.append(.init(epoch: epoch, loss: step.loss, validation: found))
                if found < best.value {
                    best = (epoch, found, try objective.standardError(losses), average.parameters)
                }
            }
            let elapsed = seconds()
            progress(
                TrainingProgress(
                    epoch: epoch, epochs: epochs, loss: step.loss, validation: value, pathStepsPerSecond: pathSteps / elapsed,
                    seconds: elapsed))
            if isStopped { end = .cancelled } else if isLate { end = .budget }
            if isStopped || isLate { break }
        }
        network.parameters = best.parameters
        let elapsed = seconds()
        let report = TrainingReport(
            epochs: epoch, end: end, bestEpoch: best.epoch, bestValidation: best.value, standardError: best.error, history: history,
            parameterCount: network.parameters.count, seconds: elapsed, pathStepsPerSecond: pathSteps / max(elapsed, 1e-9))
        return (LearnedHedge(policy, network: network), report)
    }

    // MARK: Before the first update

    private func validate(_ market: any HedgingMarket, _ validation: any HedgingMarket) throws {
        for (name, value) in [
            ("paths", paths), ("epochs", epochs), ("blockSize", blockSize), ("validationPaths", validationPaths),
            ("validateEvery", validateEvery),
        ] where value < 1 {
            throw DeepHedgeError.setting(name: name, found: "\(value)", expected: "at least 1")
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
    func fittedPolicy(_ market: any HedgingMarket) throws -> HedgePolicy {
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
        var moments = Standardizer.Moments(count: features.count)
        var squares = [Double](repeating: 0, count: instruments.count)
        let none = Matrix<Double>(rows: paths.count, columns: instruments.count)
        for t in 0..<paths.steps {
            let batch = paths.decision(step: t, holdings: none)
            for (f, name) in features.enumerated() { moments.add(batch.features[name], at: f) }
            for (j, instrument) in instruments.enumerated() {
                let own = instrument.kind == .underlying ? batch.deltas : batch.vegas
                guard sensitivities.contains(exposures[j]) else { continue }
                let book = batch.features[exposures[j]]
                for i in book.indices where own[i, j] != 0 {
                    let ratio = book[i] / own[i, j]
                    if ratio.isFinite { squares[j] += ratio * ratio }
                }
            }
        }
        let states = Double(paths.count * paths.steps)
        if policy == .book {
            return HedgePolicy(
                kind: policy, center: .zero, features: features, standardizer: moments.standardizer, instruments: instruments.map(\.name),
                holdingScales: BookTile.scales(of: market, paths: 0..<count), seesHoldings: true, learnsShift: true, hidden: hidden,
                activation: activation)
        }
        return HedgePolicy(
            kind: policy, center: center, features: features, standardizer: moments.standardizer,
            instruments: instruments.map(\.name), holdingScales: squares.map { $0 > 0 ? ($0 / states).squareRoot() : 1 },
            seesHoldings: seesHoldings ?? !policy.drawsBand, learnsShift: policy.drawsBand && learnsShift,
            hidden: policy == .linear ? [] : hidden, activation: activation, normalization: normalization,
            cell: policy == .recurrent ? cell : nil, decisionTimes: policy == .perStep ? try decisionTimes(paths) : nil)
    }

    /// Starts a band at half-widths of softplus(−2) ≈ 0.13 holding scales: a wide one trades, and learns, little.
    private func startNarrow(_ network: inout Network, policy: HedgePolicy) {
        guard let last = network.architecture.layers.last else { return }
        for o in 0..<2 * policy.headCount { network.parameters[last.biases + o] = -2 }
    }
}
