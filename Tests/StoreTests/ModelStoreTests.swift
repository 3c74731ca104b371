import Features
import Foundation
import Hedging
import Learning
import LinearAlgebra
import Store
import StrictJSON
import Testing

@Suite struct ModelStoreTests {
    static let schema = FeatureSchema([.logMoneyness, .timeToExpiry, .bookDelta])

    static func hedge(_ first: Float = 0.1) -> LearnedHedge {
        let policy = HedgePolicy(
            kind: .noTransactionBand, center: .delta, features: [.logMoneyness, .timeToExpiry],
            standardizer: Standardizer(centers: [0, 0.04], scales: [0.1, 0.02]), instruments: ["spot"], holdingScales: [1],
            seesHoldings: false,
            learnsShift: false, hidden: [3], activation: .relu)
        let parameters = (0..<policy.architecture.parameterCount).map { Float($0) / 8 + first }
        return LearnedHedge(policy, network: Network(policy.architecture, parameters: parameters))
    }

    static func record(_ name: String = "band") -> ModelRecord {
        ModelRecord(
            name: name, hedge: hedge(), experiment: ["name": "black-scholes-cost", "seed": 1], seed: 1,
            trainedAt: "2026-11-23T11:00:00Z",
            metrics: ModelMetrics(
                evaluatedOn: "100 000 simulated paths", unit: "USD", exact: .init("price", 2.52499),
                rows: [
                    .init("learned", isLearned: true, figures: [.init("price", 2.53, low: 2.528, high: 2.532), .init("turnover", 2)]),
                    .init("whalley-wilmott", isLearned: false, figures: [.init("price", 2.56, low: 2.558, high: 2.562)]),
                ],
                differences: [.init(against: "whalley-wilmott", .init("price", -0.03, low: -0.031, high: -0.029))]),
            notes: ModelNotes(
                hedges: "A sold call with spot.", training: "Adam on simulated paths.", verdict: "Use learned.",
                limits: ["Black-Scholes only."]))
    }

    @Test("a saved model reads back equal, and versions count from 1")
    func roundTrip() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.file("models"))
        #expect(try store.save(Self.record(), Self.hedge()).version == 1)
        let second = try store.save(Self.record(), Self.hedge())
        #expect(second.version == 2)
        let loaded = try store.load(try ModelReference("band"), expecting: Self.schema, known: [.timeToExpiry, .bookDelta, .logMoneyness])
        #expect(loaded == StoredModel(record: second, hedge: Self.hedge()))
        #expect(try store.load(try ModelReference("band@1")).record.version == 1)
        #expect(try store.names().map(\.rawValue) == ["band"])
        #expect(try store.versions(of: StoreName("band")) == [1, 2])
        #expect(try scratch.names("models/band/2") == ["README.md", "model.json", "weights.safetensors"])
    }

    /// One policy of every kind, with everything that a file may say of it.
    static let kinds: [HedgePolicy] = PolicyKind.allCases.flatMap { kind in
        (kind == .recurrent ? RecurrentCell.Kind.allCases.map { $0 } : [.gru]).map { cell in
            HedgePolicy(
                kind: kind, center: .delta, features: [.logMoneyness], standardizer: Standardizer(centers: [0], scales: [0.1]),
                instruments: ["spot", "option"], holdingScales: [1, 0.5], seesHoldings: true, learnsShift: false,
                hidden: kind == .linear ? [] : [3], activation: .tanh, normalization: kind == .feedForward ? .layer : nil,
                cell: kind == .recurrent ? RecurrentCell(cell, units: 2) : nil, decisionTimes: kind == .perStep ? [0.08, 0.04, 0.01] : nil)
        }
    }

    @Test("a policy of every kind is saved and read back equal, and asks for the columns that it reads", arguments: kinds)
    func everyKind(_ policy: HedgePolicy) throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.file("models"))
        let parameters = (0..<policy.architecture.parameterCount).map { Float($0) / 8 }
        let hedge = LearnedHedge(policy, network: Network(policy.architecture, parameters: parameters))
        var record = Self.record()
        (record.policy, record.featureSchema) = (policy, FeatureSchema(policy.inputs))
        try store.save(record, hedge)
        #expect(try store.load(try ModelReference("band")).hedge == hedge)
        #expect(policy.inputs.contains(.timeToExpiry) == (policy.kind == .perStep))
    }

    /// Two decisions on two assets of two features each.
    static let decisions: DecisionBatch = {
        func column(_ asset: Int, _ feature: Int) -> [Double] { [0.1 * Double(asset + feature), -0.07 * Double(asset) + 0.02] }
        let names = (1...2).flatMap { [FeatureName.logMoneyness.ofAsset($0), FeatureName.bookDelta.ofAsset($0)] }
        let columns = (1...2).flatMap { asset in (0..<2).map { column(asset, $0) } }
        let ones = Matrix<Double>(rows: 2, columns: 2, repeating: 1)
        return DecisionBatch(
            features: FeatureMatrix(names: names, columns: columns),
            instruments: (1...2).map { HedgeInstrument(name: AssetNumber.name("spot", asset: $0), kind: .underlying) }, prices: ones,
            deltas: ones, gammas: Matrix(rows: 2, columns: 2), vegas: Matrix(rows: 2, columns: 2),
            holdings: Matrix(rows: 2, columns: 2, storage: [0.2, -0.1, 0, 0.4]))
    }()

    @Test(
        "a network that assets share is read back as one, to the same decisions",
        arguments: [PolicyKind.feedForward, .noTransactionBand, .linear])
    func sharedAcrossAssets(kind: PolicyKind) throws {
        let policy = HedgePolicy(
            kind: kind, center: .delta, features: (1...2).map { FeatureName.logMoneyness.ofAsset($0) },
            standardizer: Standardizer(centers: [0.1, -0.1], scales: [0.1, 0.3]), instruments: ["spot.1", "spot.2"],
            holdingScales: [1, 0.5], seesHoldings: true, learnsShift: kind == .noTransactionBand, hidden: kind == .linear ? [] : [3],
            activation: .tanh, sharingAssets: 2)
        let parameters = (0..<policy.architecture.parameterCount).map { 0.3 * Float($0 % 7) - 0.8 }
        let hedge = LearnedHedge(policy, network: Network(policy.architecture, parameters: parameters))
        let scratch = try Scratch()
        let store = ModelStore(scratch.file("models"))
        var record = Self.record()
        (record.policy, record.featureSchema) = (policy, FeatureSchema(policy.inputs))
        try store.save(record, hedge)
        let read = try store.load(try ModelReference("band")).hedge
        #expect(read.policy.sharingAssets == 2 && read == hedge)
        let (held, expected) = (read.targetHoldings(Self.decisions), hedge.targetHoldings(Self.decisions))
        #expect(held == expected && held.storage.allSatisfy { $0.isFinite } && held[0, 0] != held[0, 1])
    }

    @Test(
        "a policy whose parts do not fit its kind is refused",
        arguments: [
            (PolicyKind.perStep, "\"decisionTimes\": [", "\"decisionTimes\": [0.01, "),
            (.recurrent, "\"units\": 2", "\"units\": 0"), (.recurrent, "\"kind\": \"recurrent\"", "\"kind\": \"linear\""),
            (.linear, "\"kind\": \"linear\"", "\"kind\": \"recurrent\""),
            (.noTransactionBand, "\"center\": \"delta\"", "\"center\": \"holdings\""),
        ])
    func misfits(kind: PolicyKind, found: String, planted: String) throws {
        let policy = try #require(Self.kinds.first { $0.kind == kind })
        let scratch = try Scratch()
        let store = ModelStore(scratch.file("models"))
        let parameters = [Float](repeating: 0, count: policy.architecture.parameterCount)
        var record = Self.record()
        (record.policy, record.featureSchema) = (policy, FeatureSchema(policy.inputs))
        try store.save(record, LearnedHedge(policy, network: Network(policy.architecture, parameters: parameters)))
        let file = scratch.file("models/band/1/model.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        let changed = text.replacingOccurrences(of: found, with: planted)
        #expect(changed != text)
        try changed.write(to: file, atomically: true, encoding: .utf8)
        #expect {
            try store.record(try ModelReference("band"))
        } throws: {
            guard case .malformed(_, let problem)? = $0 as? ModelStoreError else { return false }
            return problem.contains("'policy")
        }
    }

    @Test("the same model saved twice has the same bytes but for its version")
    func deterministic() throws {
        let scratch = try Scratch()
        for name in ["a", "b"] { try ModelStore(scratch.file(name)).save(Self.record(), Self.hedge()) }
        for file in try scratch.names("a/band/1") {
            #expect(try RegularFile.read(scratch.file("a/band/1/\(file)")) == RegularFile.read(scratch.file("b/band/1/\(file)")))
        }
    }

    @Test("the card tells a person what it hedges, how it does beside its baselines, and its limits")
    func card() throws {
        let scratch = try Scratch()
        try ModelStore(scratch.url).save(Self.record(), Self.hedge())
        let card = try String(contentsOf: scratch.file("band/1/README.md"), encoding: .utf8)
        for part in [
            "# band, version 1", "A sold call with spot.", "| **learned** | 2.53 [2.528, 2.532] | 2 |",
            "| whalley-wilmott | 2.56 [2.558, 2.562] |  |", "The exact optimum of price is **2.52499**.", "| -0.03 [-0.031, -0.029] |",
            "**Use learned.**\n\n## Limits", "- Black-Scholes only.", "--model band@1",
        ] { #expect(card.contains(part), "\(part)") }
    }

    @Test(
        "a name that could leave the store, or look like another, is refused",
        arguments: [
            "../x", "..", ".", "", String(repeating: "a", count: 300), String(repeating: "a", count: 65), "a/b", "a\\b", "a%2fb", "a\0b",
            "модель",
            "ｂand", ".hidden", "-flag", "_x", "a b", "a\n", "a@b", "é", "CON:", "a\u{200B}b",
        ])
    func badNames(name: String) throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.file("models"))
        #expect(throws: StoreName.InvalidName(text: name)) { try StoreName(name) }
        #expect(throws: StoreName.InvalidName.self) { try store.save(Self.record(name), Self.hedge()) }
        #expect(throws: (any Error).self) { try store.load(try ModelReference(name)) }
        #expect(try scratch.names() == [])
    }

    @Test(
        "names up to 64 characters of the rule are taken",
        arguments: ["a", "0", "CON", "v1..2", "a-b_c.d", String(repeating: "z", count: 64)])
    func goodNames(name: String) throws { #expect(try StoreName(name).rawValue == name) }

    @Test("a version is a whole number from 1", arguments: ["", "0", "-1", "+1", "01", "1.0", "latest", "../1", "99999999999999999999"])
    func badVersions(text: String) {
        #expect(throws: ModelStoreError.invalidVersion(text)) { try ModelReference("band@\(text)") }
    }

    @Test("what is not there is named with what is")
    func unknown() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        #expect(throws: ModelStoreError.unknownModel("x", store: scratch.url.path, known: [])) { try store.load(try ModelReference("x")) }
        try store.save(Self.record(), Self.hedge())
        #expect(throws: ModelStoreError.unknownModel("x", store: scratch.url.path, known: ["band"])) {
            try store.load(try ModelReference("x"))
        }
        #expect(throws: ModelStoreError.unknownVersion("band@7", found: [1])) { try store.load(try ModelReference("band@7")) }
    }

    @Test("a model whose name differs only in case is refused: some file systems would merge the two")
    func caseTwins() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        try store.save(Self.record("band"), Self.hedge())
        #expect(throws: ModelStoreError.caseTwin("Band", existing: "band")) { try store.save(Self.record("Band"), Self.hedge()) }
    }

    @Test("another feature schema is refused, and the error tells both")
    func schemaMismatch() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        try store.save(Self.record(), Self.hedge())
        let other = FeatureSchema([.timeToExpiry, .logMoneyness])
        #expect(other.hash != Self.schema.hash)
        let file = scratch.file("band/1/model.json").path
        #expect(throws: ModelStoreError.schemaMismatch(file: file, found: Self.schema.names, expected: other.names)) {
            try store.load(try ModelReference("band"), expecting: other)
        }
        #expect(throws: ModelStoreError.unknownFeature(file: file, feature: .logMoneyness, known: [.timeToExpiry])) {
            try store.load(try ModelReference("band"), known: [.timeToExpiry])
        }
    }

    /// Saves a model, changes a file of it as text, and gives the error of loading it.
    func errorAfter(replacing old: String, with new: String, in file: String = "model.json") throws -> String {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        try store.save(Self.record(), Self.hedge())
        let url = scratch.file("band/1/\(file)")
        let text = try String(contentsOf: url, encoding: .utf8)
        try #require(text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: url)
        do {
            _ = try store.load(try ModelReference("band"))
            return "no error"
        } catch { return "\(error)".replacingOccurrences(of: scratch.url.path + "/", with: "") }
    }

    @Test("a model.json that this program does not fully understand is refused, with file, place and what to do")
    func refusedRecords() throws {
        #expect(
            try errorAfter(replacing: "\"formatVersion\": 2", with: "\"formatVersion\": 3")
                == "band/1/model.json: found format version 3, expected 1 to 2. Read it with the program that wrote it, or make it again with this one"
        )
        #expect(
            try errorAfter(replacing: "\"seed\": 1,\n  \"strategy\"", with: "\"sead\": 1,\n  \"strategy\"")
                == "band/1/model.json: the key 'seed' is missing at the top. Restore the file or make it again")
        #expect(
            try errorAfter(replacing: "\"trainedAt\"", with: "\"extra\": [], \"trainedAt\"")
                == "band/1/model.json: the key 'extra' is unknown. Restore the file or make it again")
        #expect(
            try errorAfter(replacing: "\"unit\": \"USD\"", with: "\"unit\": 5")
                == "band/1/model.json: expected String at 'metrics.unit'. Restore the file or make it again")
        #expect(
            try errorAfter(replacing: "\"name\": \"band\"", with: "\"name\": \"other\"").contains("it describes other@1, expected band@1"))
        #expect(
            try errorAfter(replacing: Self.schema.hash, with: String(repeating: "0", count: 64)).contains(
                "the feature schema's hash is 000"))
        #expect(
            try errorAfter(replacing: "\"versions\": [1,", with: "\"versions\": [").contains(
                "3 features have 3 units, 2 versions and 3 summaries"))
        #expect(try errorAfter(replacing: "\"trainedAt\"", with: "\"seed\": 2, \"trainedAt\"").contains("stands twice"))
        #expect(try errorAfter(replacing: "}\n", with: "").contains("line "))
        for (old, new, problem) in [
            ("\"holdingScales\": [1]", "\"holdingScales\": [0]", "positive 'holdingScales'"),
            ("\"centers\": [0, 0.04]", "\"centers\": [0]", "a standardiser of 1 centers and 2 scales"),
            ("\"scales\": [0.1, 0.02]", "\"scales\": [0.1, -0.02]", "not positive"),
            ("\"hidden\": [3]", "\"hidden\": [-3]", "layers of 1 to 65536"),
            ("\"inputs\": 2", "\"inputs\": 3", "does not fit its features"),
            ("\"hidden\": [3]", "\"hidden\": [4]", "has shape"),
        ] { #expect(try errorAfter(replacing: old, with: new).contains(problem), "\(new)") }
        #expect(try errorAfter(replacing: "\"weights.safetensors\"", with: "\"../weights.safetensors\"").contains("'files' lists"))
    }

    @Test("weights that were cut, changed or exchanged are refused by their checksum")
    func damagedWeights() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        let saved = try store.save(Self.record(), Self.hedge())
        let url = scratch.file("band/1/weights.safetensors")
        let good = try RegularFile.read(url)
        var flipped = good
        flipped[good.count - 1] ^= 1
        for bad in [Array(good.prefix(good.count - 1)), [], flipped] {
            try Data(bad).write(to: url)
            let found = RegularFile.sha256(of: bad)
            let expected = try #require(saved.files["weights.safetensors"])
            #expect(throws: ModelStoreError.checksumMismatch(file: url.path, found: found, expected: expected)) {
                try store.load(try ModelReference("band"))
            }
        }
        try FileManager.default.removeItem(at: url)
        #expect(throws: FileError.unreadable(path: url.path, reason: "No such file or directory")) {
            try store.load(try ModelReference("band"))
        }
    }

    @Test("weights that are no safetensors are refused even where their checksum is right")
    func exchangedWithChecksum() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        let saved = try store.save(Self.record(), Self.hedge())
        let pickle = Array("\u{80}\u{04}pickle of another program".utf8)
        try Data(pickle).write(to: scratch.file("band/1/weights.safetensors"))
        let record = scratch.file("band/1/model.json")
        let text = try String(contentsOf: record, encoding: .utf8)
            .replacingOccurrences(of: try #require(saved.files["weights.safetensors"]), with: RegularFile.sha256(of: pickle))
        try Data(text.utf8).write(to: record)
        #expect(throws: ModelStoreError.self) { try store.load(try ModelReference("band")) }
    }

    @Test("a version directory that is a link out of the store is refused")
    func links() throws {
        let scratch = try Scratch()
        try ModelStore(scratch.file("elsewhere")).save(Self.record(), Self.hedge())
        let store = ModelStore(scratch.file("models"))
        try FileManager.default.createDirectory(at: store.root, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: store.root.appendingPathComponent("band"), withDestinationURL: scratch.file("elsewhere/band"))
        #expect(throws: StoreName.LinkOutside(path: store.root.appendingPathComponent("band").path)) {
            try store.load(try ModelReference("band"))
        }
    }

    @Test("a number that is not finite is never saved, and nothing is left of the attempt")
    func nonFinite() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        var record = Self.record()
        record.metrics.rows[0].figures[0].value = .nan
        #expect(
            "\(#expect(throws: JSONRecord.Problem.self) { try store.save(record, Self.hedge()) }!)".contains("only finite numbers")
        )
        #expect(throws: SafeTensorsError.self) {
            try store.save(Self.record(), Self.hedge(.infinity))
        }
        record = Self.record()
        record.seed = 1 << 53 + 1
        #expect(throws: JSONRecord.Problem.self) { try store.save(record, Self.hedge()) }
        #expect(try store.names() == [])
        #expect(try scratch.names().flatMap { try scratch.names($0) } == [])
    }

    @Test("every committed model is whole, and its card tells how it does beside analytic hedges")
    func committed() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let store = ModelStore(root.appendingPathComponent("models"))
        let names = try store.names()
        #expect(!names.isEmpty)
        for name in names {
            for version in try store.versions(of: name) {
                let model = try store.load(ModelReference(name: name, version: version))
                #expect(model.hedge.network.parameters.allSatisfy { $0.isFinite })
                #expect(model.record.metrics.rows.contains { $0.isLearned } && model.record.metrics.rows.contains { !$0.isLearned })
            }
        }
    }

    @Test("two processes killed while saving leave only whole versions")
    func killedWhileSaving() async throws {
        let scratch = try Scratch()
        let path = scratch.url.path
        for milliseconds in [5, 30] {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, milliseconds = milliseconds as Int] in
                DispatchQueue.global().async {
                    usleep(useconds_t(milliseconds * 1000))
                    kill(getpid(), SIGKILL)
                }
                let store = ModelStore(URL(fileURLWithPath: path))
                while true { try store.save(ModelStoreTests.record(), ModelStoreTests.hedge()) }
            }
        }
        let store = ModelStore(scratch.url)
        for name in try store.names() {
            for version in try store.versions(of: name) { _ = try store.load(ModelReference(name: name, version: version)) }
        }
        let next = try store.save(Self.record(), Self.hedge())
        #expect(try store.load(try ModelReference("band")).record == next)
    }
}
