import Evaluation
import Features
import Foundation
import Hedging
import Learning
import LinearAlgebra
import Learning
import Probability
import Stochastics
import Testing

@Suite struct ExperimentTests {
    /// The smallest experiment: everything else has a default.
    static let small = """
        {"name": "small", "market": {"model": "black-scholes"}, "claim": {"kind": "call", "strike": 100}}
        """

    static func read(_ json: String) throws -> Experiment { try JSONDecoder().decode(Experiment.self, from: Data(json.utf8)) }

    /// The small experiment with one key's value exchanged or added.
    static func read(_ key: String, _ value: String) throws -> Experiment {
        let fields = ["name": "\"small\"", "market": #"{"model": "black-scholes"}"#, "claim": #"{"kind": "call", "strike": 100}"#]
            .merging([key: value]) { $1 }
        return try read("{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
    }

    @Test("what an experiment writes reads back as the same experiment")
    func roundTrip() throws {
        var experiment = try Self.read(Self.small)
        experiment.seed = 1 << 52 | 1
        experiment.policy.features = ["log-moneyness"]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(experiment)
        #expect(try JSONDecoder().decode(Experiment.self, from: data) == experiment)
    }

    @Test("every model of the catalogue is a market that reads back as it was written", arguments: SimulatorCatalog.all.map(\.name))
    func models(name: String) throws {
        let history = SimulatorCatalog.entry(named: name)?.needsReturns == true ? #", "history": "prices.csv""# : ""
        let experiment = try Self.read("market", #"{"model": "\#(name)", "spot": 120\#(history)}"#)
        #expect(experiment.market.name == "the \(name) market")
        let again = try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment))
        #expect(again == experiment)
        guard history.isEmpty else { return }
        let market = try #require(try experiment.market(.evaluationPaths) as? SimulatedMarket)
        #expect(market.simulator.name == name && market.simulator.spot == 120)
        #expect(market.availableFeatures.contains(.variance) == market.simulator.hasVariance)
    }

    @Test(
        "several assets read back as they were written: a number, or what differs by asset",
        arguments: [
            (#"{"model": "heston", "assets": 5}"#, [100, 100, 100, 100, 100.0]),
            (#"{"model": "heston", "assets": [{"spot": 90}, {}], "correlations": [[1, 0.5], [0.5, 1]]}"#, [90, 100.0]),
            (
                #"{"model": "black-scholes", "assets": [{"spot": 90}, {"volatility": 0.4}], "correlations": [[1, 0.5], [0.5, 1]]}"#,
                [90, 100.0]
            ),
        ])
    func assets(json: String, spots: [Double]) throws {
        let experiment = try Self.read("market", json)
        let again = try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment))
        #expect(again == experiment)
        let market = try #require(try experiment.market(.evaluationPaths) as? MultiAssetMarket)
        #expect(market.simulator.assets.map(\.spot) == spots)
        #expect((market.simulator.correlations != nil) == json.contains("correlations"))
        let trainer = try experiment.trainer(on: market)
        #expect(trainer.features.contains(.timeToExpiry) && trainer.features.contains(FeatureName.logMoneyness.ofAsset(2)))
        #expect(!trainer.features.contains(.logMoneyness))
    }

    @Test(
        "every claim on the path reads back as it was written, alone and in a book",
        arguments: [
            (#"{"kind": "digital", "option": "put", "strike": 95, "cash": 3}"#, ExoticOption.digital(.put, strike: 95, cash: 3)),
            (#"{"kind": "barrier", "strike": 100, "barrier": 90, "knock": "down-in"}"#, .barrier(.call, strike: 100, barrier: 90, .downIn)),
            (#"{"kind": "lookback", "option": "put"}"#, .lookback(.put, strike: nil)),
            (#"{"kind": "lookback", "strike": 101}"#, .lookback(.call, strike: 101)),
            (#"{"kind": "asian", "strike": 100, "average": "geometric"}"#, .asian(.call, strike: 100, .geometric)),
            (#"{"kind": "forward-start", "moneyness": 0.9, "startStep": 5}"#, .forwardStart(.call, moneyness: 0.9, start: 5)),
            (#"{"kind": "variance-swap", "strike": 0.04}"#, .varianceSwap(strike: 0.04)),
        ])
    func exotics(json: String, option: ExoticOption) throws {
        for text in [json, #"{"kind": "book", "positions": [{"kind": "call", "strike": 100}, \#(json)]}"#] {
            let experiment = try Self.read("claim", text)
            #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
            let market = try #require(try experiment.market(.evaluationPaths) as? SimulatedMarket)
            #expect(market.claim.exotics == [.init(option, quantity: -1)])
            #expect(market.claim.legs.count == (text == json ? 0 : 1))
        }
    }

    @Test("a put spread is long the upper strike, a call spread the lower")
    func spreads() throws {
        for (kind, at, value) in [("call-spread", 103.0, 3.0), ("put-spread", 97, 5), ("put-spread", 103, 2)] {
            let experiment = try Self.read("claim", #"{"kind": "\#(kind)", "strikes": [100, 105], "quantity": 1}"#)
            let market = try #require(try experiment.market(.evaluationPaths) as? SimulatedMarket)
            #expect(market.claim.payoff(at) == value)
        }
    }

    @Test("perpetuals, futures, quadratic cost and coin read back as they were written, and reach the market")
    func instruments() throws {
        let experiment = try Self.read(
            Self.small.replacingOccurrences(of: #""black-scholes""#, with: #""black-scholes", "settlement": "inverse""#)
                .replacingOccurrences(
                    of: #""name""#,
                    with: #"""
                        "costs": {"proportional": 0.001, "quadratic": 0.01}, "instruments": ["perpetual",
                        {"kind": "perpetual", "funding": 0.1, "fundingVolatility": 2}, "future", {"kind": "future", "basis": 0.05, "maturityDays": 90}], "name"
                        """#))
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
        let market = try #require(try experiment.market(.evaluationPaths) as? SimulatedMarket)
        #expect(
            market.hedges == [
                .perpetual(FundingProcess()), .perpetual(FundingProcess(mean: 0.1, volatility: 2)), .future(basis: 0, maturityDays: 30),
                .future(basis: 0.05, maturityDays: 90),
            ])
        #expect(market.settlement == .inverse && market.instruments[0].cost == TradingCost(proportional: 0.001, quadratic: 0.01))
        #expect(experiment.strategySettings.delta == .net)
        #expect(try experiment.trainer(on: market).center == .netDelta)
    }

    @Test("ways of sampling read back and reach the paths they are for")
    func sampling() throws {
        let experiment = try Self.read(
            Self.small.replacingOccurrences(
                of: #""name""#,
                with: #""training": {"sampling": "sobol"}, "evaluation": {"sampling": "antithetic", "controlVariate": true}, "name""#))
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
        for (purpose, sampling) in [
            (RandomStream.Purpose.trainingPaths, Sampling.sobol), (.validationPaths, .independent), (.evaluationPaths, .antithetic),
        ] {
            #expect(try (experiment.market(purpose) as? SimulatedMarket)?.stream.sampling == sampling)
        }
    }

    @Test("a basket reads back, needs its assets and reaches the market")
    func basket() throws {
        let claim = #"{"kind": "basket", "option": "put", "strike": 100, "weights": [0.4, 0.6], "quantity": 2}"#
        let alone = try Self.read("claim", claim)
        #expect(throws: Experiment.SetupError.self) { try alone.market(.evaluationPaths) }
        let experiment = try Self.read(
            Self.small.replacingOccurrences(of: #"{"kind": "call", "strike": 100}"#, with: claim)
                .replacingOccurrences(of: #""black-scholes""#, with: #""black-scholes", "assets": 2"#))
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
        let market = try #require(try experiment.market(.evaluationPaths) as? MultiAssetMarket)
        #expect(market.baskets == [BasketOption(.put, weights: [0.4, 0.6], strike: 100, quantity: 2)])
        #expect(market.paths(0..<50, features: []).liabilityGains.contains { $0 > 0 })
        #expect(try experiment.trainer(on: market).features.contains(.logMoneyness))
    }

    @Test("a claim without formula: formulas are refused by name, learning starts from nothing")
    func noFormula() throws {
        let json = Self.small.replacingOccurrences(of: #""call", "strike": 100"#, with: #""asian", "strike": 100"#)
            .replacingOccurrences(
                of: #""name""#, with: #""evaluation": {"against": ["delta"]}, "objective": {"risk": "quadratic"}, "name""#)
        let experiment = try Self.read(json)
        let market = try #require(try experiment.market(.trainingPaths))
        let trainer = try experiment.trainer(on: market)
        #expect(trainer.center == .zero && trainer.features.contains(.runningAverage))
        // The mean payoff, not far below the call's 2.287 / √3.
        #expect((1.25...1.42).contains(trainer.premium))
        #expect(throws: Experiment.SetupError.noFormula(strategy: "delta")) {
            try SimulatedComparison(experiment, workers: Workers(threads: 1)).report(learned: nil)
        }
    }

    @Test("every kind of policy reads back as written, with the layers that it usually has", arguments: PolicyKind.allCases)
    func policies(kind: PolicyKind) throws {
        let cell = kind == .recurrent ? #", "cell": "lstm", "units": 8"# : ""
        let experiment = try Self.read("policy", #"{"kind": "\#(kind.rawValue)", "normalization": "layer"\#(cell)}"#)
        #expect(experiment.policy.kind == kind && experiment.policy.hidden == kind.standardHidden)
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
        let trainer = try experiment.trainer(on: try #require(try experiment.market(.trainingPaths)))
        #expect(trainer.policy == kind && trainer.normalization == .layer && trainer.hidden == kind.standardHidden)
        #expect(trainer.cell == (kind == .recurrent ? RecurrentCell(.lstm, units: 8) : RecurrentCell(.gru, units: 32)))
    }

    @Test("a cell is no key of a policy that does not remember")
    func cellElsewhere() {
        #expect {
            try Self.read("policy", #"{"kind": "per-step", "cell": "gru"}"#)
        } throws: {
            guard case .unknownKey("policy.cell", _, _, _)? = $0 as? ConfigError else { return false }
            return true
        }
    }

    @Test("a conditioned policy's problems have the costs, aversions and parameters of its ranges, and its own where it is judged")
    func conditioning() throws {
        var experiment = try Self.read(
            "policy", #"{"conditioning": {"costRate": [1e-4, 0.01], "riskAversion": [0.5, 4], "volatility": [0.1, 0.4]}}"#)
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
        // The small experiment trades without cost: outside of the range.
        #expect(throws: Experiment.SetupError.self) { try experiment.family() }
        experiment.costs.proportional = 0.002
        #expect(experiment.conditionValues == ["costRate": 0.002, "riskAversion": 1, "volatility": 0.2])
        let family = try #require(try experiment.family())
        let problem = try family.problem([0.003, 2, 0.3], drawing: .trainingPaths)
        #expect(problem.risk == .entropic(aversion: 2))
        let market = try #require(problem.market as? SimulatedMarket)
        #expect(market.instruments[0].cost.proportional == 0.003)
        #expect((market.simulator as? BlackScholesSimulator)?.volatility == 0.3)
        experiment.policy.conditioning.append(PolicyCondition("hurst", 0.1...0.4))
        #expect(throws: Experiment.SetupError.self) { try experiment.family() }
    }

    @Test("defaults: one sold call, spot, no cost, entropic with aversion 1")
    func defaults() throws {
        let experiment = try Self.read(Self.small)
        #expect(experiment.claim == .options([.init(kind: .call, strike: 100, quantity: -1)]))
        #expect(experiment.instruments == [.init(.spot)])
        #expect(experiment.costs.proportional == 0 && !experiment.costs.terminal)
        #expect(experiment.objective == .entropic(aversion: 1))
        #expect(experiment.calendar.grid.steps == 30)
    }

    @Test("every setting of training reaches the trainer; what is not said is the trainer's own")
    func training() throws {
        let market = try #require(try Self.read(Self.small).market(.trainingPaths))
        let text = """
            {"paths": 1000, "epochs": 7, "batch": 250, "budgetSeconds": 5, "learningRate": 0.02, "finalRate": 0.1, "warmup": 3,
             "weightDecay": 0.5, "gradientNorm": 2, "averaging": 0.25, "validationPaths": 3000, "validateEvery": 4, "patience": 6,
             "minimumImprovement": 0.001, "start": "whalley-wilmott"}
            """
        let experiment = try Self.read("training", text)
        let trainer = try experiment.trainer(on: market)
        var expected = DeepHedgeTrainer()
        expected.policy = trainer.policy
        expected.features = trainer.features
        expected.paths = 1000
        expected.epochs = 7
        expected.batch = 250
        expected.budgetSeconds = 5
        expected.learningRate = .cosine(peak: 0.02, floor: 0.002, warmup: 3)
        expected.optimizer = Adam(weightDecay: 0.5, gradientNorm: 2)
        expected.averaging = 0.25
        expected.validationPaths = 3000
        expected.validateEvery = 4
        expected.patience = 6
        expected.minimumImprovement = 0.001
        #expect(trainer == expected)
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)

        let plain = try Self.read(Self.small).trainer(on: market)
        let own = DeepHedgeTrainer()
        #expect(plain.optimizer == own.optimizer && plain.learningRate == own.learningRate && plain.averaging == own.averaging)
        #expect(plain.validateEvery == own.validateEvery && plain.patience == nil && plain.batch == nil)
        #expect(
            try Self.read("training", #"{"learningRate": 0.003}"#).trainer(on: market).learningRate
                == .cosine(peak: 3e-3, floor: 3e-6, warmup: 20))
    }

    @Test("an unknown key is refused by its path, with the nearest known one")
    func unknownKey() {
        #expect {
            try Self.read("market", #"{"model": "black-scholes", "volatilty": 0.2}"#)
        } throws: {
            guard case .unknownKey("market.volatilty", "volatility", _, _)? = $0 as? ConfigError else { return false }
            return true
        }
        #expect {
            try Self.read("evalution", "{}")
        } throws: {
            guard case .unknownKey("evalution", "evaluation", _, _)? = $0 as? ConfigError else { return false }
            return true
        }
    }

    @Test(
        "a value out of its range is named by its path",
        arguments: [
            ("claim", #"{"kind": "call", "strike": -100}"#, "claim.strike"),
            ("claim", #"{"kind": "call", "strike": "NaN"}"#, "claim.strike"),
            ("claim", #"{"kind": "call-spread", "strikes": [101, 100]}"#, "claim.strikes"),
            ("claim", #"{"kind": "book", "positions": [{"kind": "put", "strike": 0}]}"#, "claim.positions[0].strike"),
            ("claim", #"{"kind": "every-option"}"#, "claim.kind"),
            ("claim", #"{"kind": "barrier", "strike": 100, "barrier": 110, "knock": "out"}"#, "claim.knock"),
            ("claim", #"{"kind": "book", "positions": [{"kind": "digital", "strike": -1}]}"#, "claim.positions[0].strike"),
            ("market", #"{"model": "black-scholes", "volatility": -0.2}"#, "market.volatility"),
            ("market", #"{"model": "blak-scholes"}"#, "market.model"),
            ("market", #"{"model": "merton", "jumpIntensity": -1}"#, "market.jumpIntensity"),
            ("market", #"{"model": "heston", "scheme": "exakt"}"#, "market.scheme"),
            ("market", #"{"model": "kou", "upwardRate": 1}"#, "market.upwardRate"),
            ("market", #"{"recorded": "x", "currency": "BTC", "from": "2026-02-30"}"#, "market.from"),
            ("market", #"{"model": "heston", "assets": 0}"#, "market.assets"),
            ("market", #"{"model": "heston", "assets": []}"#, "market.assets"),
            ("market", #"{"model": "black-scholes", "assets": [{}, {"volatility": -1}]}"#, "market.assets[1].volatility"),
            ("market", #"{"model": "black-scholes", "assets": 2, "correlations": [[1, 0.5], [0.4, 1]]}"#, "market.correlations"),
            ("market", #"{"model": "heston", "assets": 2, "correlations": [[1, 0.6], [0.6, 1]]}"#, "market.correlations"),
            ("market", #"{"model": "black-scholes", "correlations": [[1]]}"#, "market.correlations"),
            ("market", #"{"model": "black-scholes", "assets": 2, "correlations": [[1, 2], [2, 1]]}"#, "market.correlations[0][1]"),
            ("calendar", #"{"steps": 0}"#, "calendar.steps"),
            ("calendar", #"{"maturityDays": 0}"#, "calendar.maturityDays"),
            ("costs", #"{"proportional": -0.001}"#, "costs.proportional"),
            ("costs", #"{"terminal": 1}"#, "costs.terminal"),
            ("objective", #"{"risk": "expected-shortfall", "level": 1}"#, "objective.level"),
            ("objective", #"{"risk": "entropic", "aversion": 0}"#, "objective.aversion"),
            ("instruments", "[]", "instruments"),
            ("instruments", #"["options"]"#, "instruments[0]"),
            ("instruments", #"[{"kind": "perpetual", "fundingReversion": 0}]"#, "instruments[0].fundingReversion"),
            ("costs", #"{"quadratic": -1}"#, "costs.quadratic"),
            ("market", #"{"model": "black-scholes", "settlement": "coin"}"#, "market.settlement"),
            ("claim", #"{"kind": "basket", "strike": 100, "weights": [1, -1]}"#, "claim.weights[1]"),
            ("policy", #"{"hidden": [32, 0]}"#, "policy.hidden[1]"),
            ("policy", #"{"kind": "linear", "hidden": [8]}"#, "policy.hidden"),
            ("policy", #"{"kind": "recurrent", "cell": "gur"}"#, "policy.cell"),
            ("policy", #"{"kind": "recurrent", "units": 0}"#, "policy.units"),
            ("policy", #"{"normalization": "batch"}"#, "policy.normalization"),
            ("policy", #"{"conditioning": {"costRate": [0.1, 0.1]}}"#, "policy.conditioning.costRate"),
            ("policy", #"{"conditioning": {"costRate": [0.1]}}"#, "policy.conditioning.costRate"),
            ("training", #"{"epochs": 1.5}"#, "training.epochs"),
            ("training", #"{"paths": 1000, "batch": 300}"#, "training.batch"),
            ("training", #"{"finalRate": 1.5}"#, "training.finalRate"),
            ("training", #"{"weightDecay": -1}"#, "training.weightDecay"),
            ("training", #"{"gradientNorm": 0}"#, "training.gradientNorm"),
            ("training", #"{"averaging": 1}"#, "training.averaging"),
            ("training", #"{"patience": 0}"#, "training.patience"),
            ("training", #"{"start": "whalley"}"#, "training.start"),
            ("training", #"{"start": "delta", "from": "demo@1"}"#, "training.start"),
            ("evaluation", #"{"sampling": "sobel"}"#, "evaluation.sampling"),
            ("evaluation", #"{"elsewhere": {"costRate": [0.01, "much"]}}"#, "evaluation.elsewhere.costRate[1]"),
            ("evaluation", #"{"against": ["delta", "dleta"]}"#, "evaluation.against[1]"),
            ("evaluation", #"{"against": ["delta", "delta"]}"#, "evaluation.against[1]"),
            ("seed", "-1", "seed"),
            ("name", #""../up""#, "name"),
        ])
    func invalid(key: String, value: String, path: String) {
        #expect {
            try Self.read(key, value)
        } throws: {
            guard case .invalid(path, _, _, _)? = $0 as? ConfigError else { return false }
            return true
        }
    }

    @Test("spelling distance counts insertions, deletions, replacements and swaps")
    func spelling() {
        #expect(SpellingDistance.between("", "abc") == 3)
        #expect(SpellingDistance.between("volatilty", "volatility") == 1)
        #expect(SpellingDistance.between("dleta", "delta") == 1)
        #expect(SpellingDistance.between("kitten", "sitting") == 3)
        #expect(SpellingDistance.nearest(to: "zebra", among: ["delta", "leland"]) == nil)
    }

    @Test("a quoted number is text", arguments: ["1", "1e3", "-0.5"])
    func quoted(text: String) {
        #expect(ConfigNode(.scalar(text, quoted: true)).number == nil)
        #expect(ConfigNode(.scalar(text, quoted: false)).number == Double(text))
    }

    @Test(
        "what other readers take for a number is none here",
        arguments: ["nan", ".nan", "inf", "0x1p3", "1_000", "1e400", "", "e", "+", "1 2"])
    func noNumber(text: String) {
        #expect(ConfigNode(.scalar(text, quoted: false)).number == nil)
    }
}
