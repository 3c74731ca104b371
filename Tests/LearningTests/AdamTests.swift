import Learning
import RealModule
import Testing

@Suite struct AdamTests {
    @Test("the first step has the learning rate's length in every coordinate, whatever the gradient's size")
    func firstStep() {
        var parameters: [Float] = [1, 1, 1]
        var state = Adam.State(parameterCount: 3)
        Adam().update(&parameters, along: [1e-3, -5, 1e4], rate: 0.1, state: &state)
        for (found, expected) in zip(parameters, [0.9, 1.1, 0.9] as [Float]) { #expect((found - expected).magnitude < 1e-5) }
    }

    @Test("it finds the minimum of a badly scaled quadratic")
    func quadratic() {
        let target: [Float] = [3, -2]
        let curvature: [Float] = [100, 0.01]
        var parameters: [Float] = [0, 0]
        var state = Adam.State(parameterCount: 2)
        let schedule = LearningRate.cosine(peak: 0.1, floor: 0, warmup: 10)
        for step in 0..<2000 {
            let gradient = (0..<2).map { curvature[$0] * (parameters[$0] - target[$0]) }
            Adam().update(&parameters, along: gradient, rate: Float(schedule.rate(step: step, of: 2000)), state: &state)
        }
        for (found, expected) in zip(parameters, target) { #expect((found - expected).magnitude < 1e-3) }
    }

    @Test("decay shrinks parameters that have no gradient by rate times decay; clipping leaves the direction")
    func decayAndClipping() {
        var parameters: [Float] = [2]
        var state = Adam.State(parameterCount: 1)
        Adam(weightDecay: 0.5).update(&parameters, along: [0], rate: 0.1, state: &state)
        #expect((parameters[0] - 1.9).magnitude < 1e-6)

        var clipped = Adam.State(parameterCount: 2)
        var scaled = Adam.State(parameterCount: 2)
        var first: [Float] = [0, 0]
        var second: [Float] = [0, 0]
        Adam(gradientNorm: 1).update(&first, along: [30, 40], rate: 0.1, state: &clipped)
        Adam().update(&second, along: [0.6, 0.8], rate: 0.1, state: &scaled)
        for (a, b) in zip(clipped.first, scaled.first) { #expect((a - b).magnitude < 1e-7) }
    }

    @Test("decay, clipping and schedule, alone and together, take PyTorch's steps", arguments: AdamWReference.all)
    func torch(_ reference: AdamWReference) {
        let (peak, floor, warmup) = AdamWReference.schedule
        let schedule = LearningRate.cosine(peak: peak, floor: floor, warmup: warmup)
        let optimizer = Adam(weightDecay: reference.weightDecay, gradientNorm: reference.gradientNorm)
        var x = AdamWReference.start
        var state = Adam.State(parameterCount: x.count)
        var after: [[Float]] = []
        for step in 0..<AdamWReference.steps {
            var gradient = x.indices.map { AdamWReference.curvature[$0] * (x[$0] - AdamWReference.target[$0]) }
            gradient[0] += x[1]
            gradient[1] += x[0]
            optimizer.update(&x, along: gradient, rate: Float(schedule.rate(step: step, of: AdamWReference.steps)), state: &state)
            if [0, 9, AdamWReference.steps - 1].contains(step) { after.append(x) }
        }
        for (found, expected) in zip(after.joined(), reference.parameters.joined()) { #expect((found - expected).magnitude < 5e-6) }
        #expect(after.count == reference.parameters.count)
    }

    @Test("the cosine rises to its peak, passes the middle half-way and ends at its floor")
    func schedules() {
        let schedule = LearningRate.cosine(peak: 1, floor: 0.1, warmup: 10)
        #expect((schedule.rate(step: 0, of: 110) - 0.1).magnitude < 1e-15)
        #expect(schedule.rate(step: 9, of: 110) == 1)
        #expect((schedule.rate(step: 60, of: 110) - 0.55).magnitude < 1e-12)
        #expect((schedule.rate(step: 110, of: 110) - 0.1).magnitude < 1e-12)
        #expect(LearningRate.constant(0.3).rate(step: 5, of: 7) == 0.3)
    }

    @Test("an average starts as the plain mean and then forgets at its decay")
    func averaging() {
        var average = ParameterAverage(decay: 0.75, parameters: [100])
        for value in 1...4 { average.add([Float(value)]) }
        #expect((average.parameters[0] - 2.5).magnitude < 1e-6)
        average.add([10])
        #expect((average.parameters[0] - (2.5 + 7.5 * 0.25)).magnitude < 1e-6)
    }
}
