import Foundation
import Probability
import RealModule
import Testing

/// Every kind of measure, at parameters that exercise its branches. Isoelastic wealth stays positive for losses below 10.
private let catalogue: [RiskMeasure] = [
    .entropic(aversion: 1), .entropic(aversion: 25), .entropic(aversion: 1e-4),
    .expectedShortfall(level: 0), .expectedShortfall(level: 0.5), .expectedShortfall(level: 0.93),
    .quadratic, .variance, .standardDeviation, .meanDeviation(weight: 1.5),
    .quadraticCVaR(weight: 0.01), .quadraticCVaR(weight: 2), .quadraticCVaR(weight: 10),
    .isoelastic(aversion: 0.5, endowment: 10), .isoelastic(aversion: 1, endowment: 10), .isoelastic(aversion: 3, endowment: 10),
]

/// Normal losses with mean 1 and deviation 1.5, all different.
private func sample(_ count: Int, seed: UInt64 = 7) -> [Double] {
    let stream = RandomStream(seed: seed, purpose: .data)
    return (0..<count).map { 1 + 1.5 * stream.normal(path: $0, step: 0) }
}

@Suite struct RiskMeasureTests {
    @Test("the values printed in pfhedge's documentation")
    func publishedValues() throws {
        let four = [0.0, 1, 2, 3]
        #expect(try RiskMeasure.entropic(aversion: 1).value(losses: four).isApproximatelyEqual(to: 2.0539, absoluteTolerance: 5e-5))
        #expect(try RiskMeasure.expectedShortfall(level: 0.5).value(losses: four) == 2.5)
        let ten = (0..<10).map(Double.init)
        #expect(try RiskMeasure.quadraticCVaR(weight: 2).value(losses: ten).isApproximatelyEqual(to: 7.9750, absoluteTolerance: 5e-5))
    }

    @Test("the gradient is the central difference of the value", arguments: catalogue)
    func gradient(measure: RiskMeasure) throws {
        let losses = sample(101)
        let (value, gradient) = try measure.valueAndGradient(losses: losses)
        #expect(value == (try measure.value(losses: losses)))
        let step = 1e-6
        var worst = 0.0
        for index in losses.indices {
            var up = losses
            var down = losses
            up[index] += step
            down[index] -= step
            let difference = (try measure.value(losses: up) - measure.value(losses: down)) / (2 * step)
            let distance = (difference - gradient[index]).magnitude
            #expect(!distance.isNaN)
            worst = max(worst, distance)
        }
        #expect(worst < 2e-8, "\(measure): largest difference \(worst)")
    }

    @Test("a cash-invariant measure moves with the losses and its gradient sums to one", arguments: catalogue.filter(\.isCashInvariant))
    func cashInvariance(measure: RiskMeasure) throws {
        let losses = sample(500)
        let (value, gradient) = try measure.valueAndGradient(losses: losses)
        let shifted = try measure.value(losses: losses.map { $0 + 3 })
        #expect(shifted.isApproximatelyEqual(to: value + 3, absoluteTolerance: 1e-11))
        #expect(gradient.reduce(0, +).isApproximatelyEqual(to: 1, absoluteTolerance: 1e-12))
    }

    @Test("a sure loss is its own price under measures of money, quadratic CVaR's less a constant", arguments: catalogue)
    func sureLoss(measure: RiskMeasure) throws {
        let (value, gradient) = try measure.valueAndGradient(losses: [2, 2, 2])
        let expected: Double =
            switch measure {
            case .quadratic: 4
            case .variance, .standardDeviation: 0
            case .quadraticCVaR(let weight): 2 - 0.25 / weight  // its infimum lies 1/(2 weight) below the loss
            default: 2
            }
        #expect(value.isApproximatelyEqual(to: expected, absoluteTolerance: 1e-14))
        #expect(gradient.allSatisfy { $0 == gradient[0] && $0.isFinite })
        #expect(try measure.standardError(losses: [2, 2, 2]).magnitude < 1e-14)
    }

    @Test("entropic risk neither overflows for huge losses nor loses the mean for tiny aversion")
    func entropicExtremes() throws {
        let huge = try RiskMeasure.entropic(aversion: 1000).valueAndGradient(losses: [1e6, 2e6, 2e6])
        #expect(huge.value.isApproximatelyEqual(to: 2e6 + Double.log(2.0 / 3) / 1000, relativeTolerance: 1e-15))
        #expect(huge.gradient == [0, 0.5, 0.5])
        let losses = sample(1000)
        let mean = losses.reduce(0, +) / 1000
        let variance = try RiskMeasure.variance.value(losses: losses)
        let tiny = try RiskMeasure.entropic(aversion: 1e-9).value(losses: losses)
        #expect(tiny.isApproximatelyEqual(to: mean + 0.5e-9 * variance, absoluteTolerance: 1e-14))
    }

    @Test("expected shortfall weighs the boundary loss by its fraction, and ties alike")
    func shortfallBoundary() throws {
        // The worst 1.5 of 3 losses: the 4 whole, half of the 2.
        let (value, gradient) = try RiskMeasure.expectedShortfall(level: 0.5).valueAndGradient(losses: [1, 4, 2])
        #expect(value.isApproximatelyEqual(to: (4 + 0.5 * 2) / 1.5, absoluteTolerance: 1e-15))
        #expect(gradient[0] == 0)
        #expect(gradient[1].isApproximatelyEqual(to: 1 / 1.5, absoluteTolerance: 1e-15))
        #expect(gradient[2].isApproximatelyEqual(to: 0.5 / 1.5, absoluteTolerance: 1e-15))
        let ties = try RiskMeasure.expectedShortfall(level: 0.5).valueAndGradient(losses: [1, 1, 1, 5])
        #expect(ties.value == 3)
        #expect(ties.gradient[0] == ties.gradient[2])
        #expect(ties.gradient.reduce(0, +).isApproximatelyEqual(to: 1, absoluteTolerance: 1e-15))
    }

    @Test("expected shortfall equals the mean of the sorted tail", arguments: [10, 1000, 4096], [0, 0.5, 0.9, 0.99])
    func shortfallSorted(count: Int, level: Double) throws {
        let losses = sample(count)
        let sorted = losses.sorted(by: >)
        let tail = (1 - level) * Double(count)
        let whole = Int(tail.rounded(.down))
        var expected = sorted[..<whole].reduce(0, +)
        if whole < count { expected += (tail - Double(whole)) * sorted[whole] }
        let value = try RiskMeasure.expectedShortfall(level: level).value(losses: losses)
        #expect(value.isApproximatelyEqual(to: expected / tail, relativeTolerance: 1e-12))
    }

    @Test("quadratic CVaR is the minimum over its auxiliary variable", arguments: [0.01, 0.5, 2, 10, 1000, 1e5])
    func quadraticCVaRMinimum(weight: Double) throws {
        let losses = sample(1000)
        let value = try RiskMeasure.quadraticCVaR(weight: weight).value(losses: losses)
        func objective(_ w: Double) -> Double {
            w + weight * losses.reduce(0) { $0 + max($1 - w, 0) * max($1 - w, 0) } / 1000
        }
        var best = Double.infinity
        var low = -200.0
        var high = losses.max()!
        for _ in 0..<200 {  // the objective is convex in w: ternary search
            let left = low + (high - low) / 3
            let right = high - (high - low) / 3
            best = min(best, objective(left), objective(right))
            if objective(left) < objective(right) { high = right } else { low = left }
        }
        #expect(value.isApproximatelyEqual(to: best, absoluteTolerance: 1e-10))
    }

    @Test("the threshold is where the formula as a minimum over it has its value")
    func threshold() throws {
        let losses = (0..<1000).map { Double(($0 * 7919) % 1000) / 37 }
        func mean(_ body: (Double) -> Double) -> Double { losses.reduce(0) { $0 + body($1) } / Double(losses.count) }
        let shortfall = RiskMeasure.expectedShortfall(level: 0.9)
        let w = try #require(try shortfall.threshold(losses: losses))
        #expect((w + mean { max($0 - w, 0) } / 0.1 - (try shortfall.value(losses: losses))).magnitude < 1e-12)
        let quadratic = RiskMeasure.quadraticCVaR(weight: 0.3)
        let v = try #require(try quadratic.threshold(losses: losses))
        #expect((v + 0.3 * mean { max($0 - v, 0) * max($0 - v, 0) } - (try quadratic.value(losses: losses))).magnitude < 1e-12)
        #expect(try RiskMeasure.entropic(aversion: 1).threshold(losses: losses) == nil)
        #expect(throws: RiskError.self) { try shortfall.threshold(losses: []) }
    }

    @Test("isoelastic: u(sure wealth) is the mean utility", arguments: [0.25, 0.5, 1, 2, 40])
    func isoelasticUtility(aversion: Double) throws {
        func utility(_ x: Double) -> Double {
            aversion == 1 ? Double.log(x) : Double.pow(x, 1 - aversion) / (1 - aversion)
        }
        let losses = sample(200)
        let value = try RiskMeasure.isoelastic(aversion: aversion, endowment: 10).value(losses: losses)
        let mean = losses.reduce(0) { $0 + utility(10 - $1) } / 200
        #expect(utility(10 - value).isApproximatelyEqual(to: mean, relativeTolerance: 1e-12))
        // pfhedge takes wealth itself: losses are its negatives and the endowment is zero.
        let wealth = try RiskMeasure.isoelastic(aversion: aversion).value(losses: [-1, -4])
        #expect(utility(-wealth).isApproximatelyEqual(to: (utility(1) + utility(4)) / 2, relativeTolerance: 1e-12))
    }

    @Test(
        "influences have mean zero and their spread is the standard error over repeated samples",
        arguments: catalogue)
    func standardError(measure: RiskMeasure) throws {
        guard measure != .entropic(aversion: 25) else { return }  // one loss decides: no normal limit at this size
        var values: [Double] = []
        var errors: [Double] = []
        for seed in 0..<300 {
            let losses = sample(2000, seed: UInt64(seed))
            values.append(try measure.value(losses: losses))
            errors.append(try measure.standardError(losses: losses))
            if seed == 0 {
                let influence = try measure.valueAndInfluence(losses: losses).influence
                #expect((influence.reduce(0, +) / 2000).magnitude < 1e-12)
            }
        }
        let mean = values.reduce(0, +) / 300
        let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 299).squareRoot()
        let stated = errors.reduce(0, +) / 300
        // The spread of 300 values is itself known to 4 %: three of those, and the bias of tail estimates.
        #expect((stated / spread - 1).magnitude < 0.15, "\(measure): stated \(stated), seen \(spread)")
    }

    @Test("an empty sample, a loss that is no number, wealth below zero and parameters out of range are refused")
    func refusals() {
        #expect(throws: RiskError.tooFewObservations(found: 0, needed: 1)) { try RiskMeasure.quadratic.value(losses: []) }
        #expect(throws: RiskError.nonFinite(index: 1, value: .infinity)) { try RiskMeasure.variance.value(losses: [0, .infinity]) }
        #expect(throws: RiskError.self) { try RiskMeasure.entropic(aversion: 1).value(losses: [.nan]) }
        #expect(throws: RiskError.nonPositiveWealth(index: 1, wealth: 0)) {
            try RiskMeasure.isoelastic(aversion: 0.5).value(losses: [-1, 0])
        }
        let outside: [RiskMeasure] = [
            .entropic(aversion: 0), .entropic(aversion: .infinity), .expectedShortfall(level: 1), .expectedShortfall(level: -0.1),
            .meanDeviation(weight: -1), .quadraticCVaR(weight: 0), .isoelastic(aversion: 0), .isoelastic(aversion: 1, endowment: .nan),
        ]
        for measure in outside {
            #expect(throws: RiskError.self, "\(measure)") { try measure.value(losses: [-1]) }
        }
    }

    @Test("a measure is made from the name and parameters that it prints", arguments: catalogue)
    func names(measure: RiskMeasure) throws {
        let parameters = Dictionary(uniqueKeysWithValues: zip(measure.kind.parameters.map(\.name), measure.parameterValues))
        #expect(try RiskMeasure(name: measure.name, parameters: parameters) == measure)
    }

    @Test("a measure is read back from its coded form, which is the experiment's", arguments: catalogue)
    func coding(measure: RiskMeasure) throws {
        let data = try JSONEncoder().encode(measure)
        #expect(try JSONDecoder().decode(RiskMeasure.self, from: data) == measure)
        let written = try JSONDecoder().decode(RiskMeasure.self, from: Data(#"{"risk": "entropic", "aversion": 2}"#.utf8))
        #expect(written == .entropic(aversion: 2))
    }

    @Test("names are the experiment's, unknown ones are refused with what is known")
    func contractNames() throws {
        #expect(
            RiskMeasure.Kind.allCases.map(\.rawValue) == [
                "entropic", "expected-shortfall", "quadratic", "variance", "standard-deviation", "mean-deviation", "quadratic-cvar",
                "isoelastic",
            ])
        #expect(try RiskMeasure(name: "quadratic") == .quadratic)
        #expect("\(RiskMeasure.entropic(aversion: 1))" == "entropic(aversion: 1.0)")
        #expect(throws: RiskError.missingParameter(measure: "entropic", parameter: "aversion")) { try RiskMeasure(name: "entropic") }
        #expect(throws: RiskError.unknownParameter(measure: "quadratic", found: "level", known: [])) {
            try RiskMeasure(name: "quadratic", parameters: ["level": 0.5])
        }
        #expect(throws: RiskError.self) { try RiskMeasure(name: "cvar") }
    }
}
