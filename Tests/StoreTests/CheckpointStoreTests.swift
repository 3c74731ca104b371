import Foundation
import Hedging
import Learning
import Store
import StrictJSON
import Testing

@Suite struct CheckpointStoreTests {
    static func state(best: Bool = true, anchor: RiskAnchor? = RiskAnchor(near: 0.1 + 0.2, deviation: 1 / 3)) -> TrainingState {
        let values: [Float] = [1, -0.1, 3e-30]
        return TrainingState(
            epoch: 7, parameters: values, moments: Adam.State(first: values.map { $0 / 3 }, second: values.map { $0 * $0 }, steps: 14),
            average: ParameterAverage(decay: 0.98, parameters: values.map { $0 / 7 }, updates: 14), latestLoss: 2.5 + 1e-15, anchor: anchor,
            best: best ? .init(epoch: 5, value: 1 / 3, error: 1e-3, parameters: values.map { -$0 }) : nil,
            history: best ? [.init(epoch: 5, loss: 0.7, validation: 1 / 3)] : [], pathSteps: 123_456_789, seconds: 1.25)
    }

    static let settings: JSONValue = ["seed": 3, "training": ["paths": 512, "learningRate": 0.01], "data": []]

    @Test("a state reads back equal to the last bit, with and without what it may lack")
    func roundTrip() throws {
        let scratch = try Scratch()
        let store = CheckpointStore(scratch.file("work"))
        let file = try store.file(try StoreName("tiny"), seed: 3)
        #expect(try store.load(file) == nil)
        for state in [Self.state(), Self.state(best: false), Self.state(anchor: RiskAnchor(near: -1)), Self.state(anchor: nil)] {
            let checkpoint = TrainingCheckpoint(settings: Self.settings, codeVersion: "0.1.0+abc", state: state)
            try store.save(checkpoint, at: file)
            #expect(try store.load(file) == checkpoint)
        }
        #expect(try scratch.names("work/tiny") == ["seed-3.safetensors"])
        store.remove(file)
        #expect(try scratch.names() == [])
    }

    @Test("a file cut short, of another format, or with tensors of different sizes is refused with its name")
    func malformed() throws {
        let scratch = try Scratch()
        let store = CheckpointStore(scratch.url)
        let file = scratch.file("seed-1.safetensors")
        try store.save(TrainingCheckpoint(settings: Self.settings, codeVersion: "x", state: Self.state()), at: file)
        let whole = try Data(contentsOf: file)
        let contents = try SafeTensors(parsing: Array(whole))
        func expectRefusal(_ data: Data) throws {
            try data.write(to: file)
            #expect {
                try store.load(file)
            } throws: {
                guard case .malformed(file.path, _)? = $0 as? CheckpointError else { return false }
                return true
            }
        }
        try expectRefusal(whole.prefix(whole.count - 5))
        var other = contents
        other.metadata["format"] = "2"
        try expectRefusal(try other.encoded())
        other = contents
        other.metadata["settings"] = nil
        try expectRefusal(try other.encoded())
        for name in contents.tensors.map(\.name) {
            other = contents
            other.tensors.removeAll { $0.name == name }
            try expectRefusal(try other.encoded())
        }
        other = contents
        let place = try #require(other.tensors.firstIndex { $0.name == "average" })
        other.tensors[place] = StoredTensor("average", shape: [1], [1] as [Float])
        try expectRefusal(try other.encoded())
    }

    @Test("documents differ at the paths where their values do, or where one has none")
    func differences() {
        let later: JSONValue = ["seed": 4, "training": ["paths": 512, "epochs": 9], "data": []]
        #expect(
            Self.settings.differences(to: later) == [
                .init(path: "seed", before: 3, after: 4), .init(path: "training.learningRate", before: 0.01, after: nil),
                .init(path: "training.epochs", before: nil, after: 9),
            ])
        #expect(Self.settings.differences(to: Self.settings).isEmpty)
    }
}
