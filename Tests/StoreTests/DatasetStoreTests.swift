import Foundation
import Store
import Testing

@Suite struct DatasetStoreTests {
    static func manifest(_ name: String = "simulated") -> DatasetManifest {
        DatasetManifest(
            name: name, about: "Two files.", origin: .simulated, source: "a test", licence: "MIT", currency: "BTC", layout: "price-history",
            units: ["close": "USD"], span: .init(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z"), generator: ["seed": 7])
    }

    @discardableResult
    static func save(_ store: DatasetStore, _ name: String = "simulated", replacing: Bool = false) throws -> DatasetManifest {
        try store.save(manifest(name), replacing: replacing) { directory in
            try FileManager.default.createDirectory(at: directory.appendingPathComponent("months"), withIntermediateDirectories: false)
            try Data("time,close\n1,2\n".utf8).write(to: directory.appendingPathComponent("months/a.csv"))
            try Data("notes".utf8).write(to: directory.appendingPathComponent("notes.txt"))
            return ["months/a.csv": 1]
        }
    }

    @Test("a dataset is saved with checksums, sizes and rows, and verifies")
    func roundTrip() throws {
        let scratch = try Scratch()
        let store = DatasetStore(scratch.file("datasets"))
        let saved = try Self.save(store)
        #expect(saved.files.map(\.path) == ["months/a.csv", "notes.txt"])
        #expect(saved.files.map(\.rows) == [1, nil])
        #expect(saved.rows == 1)
        let name = try StoreName("simulated")
        #expect(try store.manifest(of: name) == saved)
        #expect(try store.verify(name) == saved)
        #expect(try store.names() == [name])
        let hash = try RegularFile.sha256(scratch.file("datasets/simulated/manifest.json"))
        #expect(try store.reference(to: name) == DataReference(name: "simulated", sha256: hash))
    }

    @Test("a changed, missing or added file is found")
    func verification() throws {
        let scratch = try Scratch()
        let store = DatasetStore(scratch.url)
        let name = try StoreName("simulated")
        let file = scratch.file("simulated/months/a.csv")
        try Self.save(store)
        try Data("time,close\n1,3\n".utf8).write(to: file)
        #expect(throws: DatasetError.self) { try store.verify(name) }
        try FileManager.default.removeItem(at: file)
        #expect(throws: DatasetError.missingFile(file.path)) { try store.verify(name) }
        try Self.save(store, replacing: true)
        try store.verify(name)
        try Data("x".utf8).write(to: scratch.file("simulated/extra.csv"))
        #expect(throws: DatasetError.unlistedFile(scratch.file("simulated/extra.csv").path)) { try store.verify(name) }
    }

    @Test("an import that fails leaves the old dataset and no rest")
    func atomicImport() throws {
        struct Stop: Error {}
        let scratch = try Scratch()
        let store = DatasetStore(scratch.url)
        let saved = try Self.save(store)
        #expect(throws: FileError.alreadyExists(path: scratch.file("simulated").path)) { try Self.save(store) }
        #expect(throws: Stop.self) { try store.save(Self.manifest(), replacing: true) { _ in throw Stop() } }
        #expect(throws: DatasetError.missingFile("b.csv")) { try store.save(Self.manifest(), replacing: true) { _ in ["b.csv": 1] } }
        #expect(try store.verify(StoreName("simulated")) == saved)
        #expect(try scratch.names() == ["simulated"])
    }

    @Test("a manifest whose path leads out of the dataset is refused", arguments: ["../a", "/etc/passwd", "a//b", "./a", "", "a/../../b"])
    func pathOutside(path: String) throws {
        let scratch = try Scratch()
        let store = DatasetStore(scratch.url)
        try Self.save(store)
        let file = scratch.file("simulated/manifest.json")
        let text = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(of: "notes.txt", with: path)
        try Data(text.utf8).write(to: file)
        #expect(throws: DatasetError.pathOutside(file: file.path, path: path)) { try store.manifest(of: StoreName("simulated")) }
    }

    @Test("the committed dataset is the one its manifest describes")
    func committed() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let manifest = try DatasetStore(root.appendingPathComponent("datasets")).verify(StoreName("simulated-chains"))
        #expect(manifest.origin == .simulated)
        #expect(manifest.licence == "MIT")
        #expect(manifest.rows == 19_832)
    }

    @Test("an unknown dataset is named with those that are there")
    func unknown() throws {
        let scratch = try Scratch()
        let store = DatasetStore(scratch.url)
        try Self.save(store)
        #expect(throws: DatasetError.unknownDataset("x", store: scratch.url.path, known: ["simulated"])) {
            try store.manifest(of: StoreName("x"))
        }
    }
}

@Suite struct RunStoreTests {
    @Test("a run reads back equal and is replaced whole")
    func roundTrip() throws {
        let scratch = try Scratch()
        let store = RunStore(scratch.url)
        var record = RunRecord(
            name: "black-scholes-cost", command: "compare", experiment: ["seed": 1], seed: 1, models: ["band@1"],
            data: [.init(name: "simulated", sha256: "00")], machine: .current(blas: "Haswell"), startedAt: "2026-11-23T11:00:00Z",
            results: ["strategies": []])
        try store.save(record) { try Data("a,b\n".utf8).write(to: $0.appendingPathComponent("summary.csv")) }
        #expect(try store.record(of: StoreName("black-scholes-cost")) == record)
        #expect(try scratch.names("black-scholes-cost") == ["run.json", "summary.csv"])
        record.seed = 2
        try store.save(record)
        #expect(try store.record(of: StoreName("black-scholes-cost")).seed == 2)
        #expect(try scratch.names("black-scholes-cost") == ["run.json"])
        #expect(throws: RunStoreError.unknownRun("x", store: scratch.url.path, known: ["black-scholes-cost"])) {
            try store.record(of: StoreName("x"))
        }
    }

    @Test("the code's version is the package's, with the commit where there is one")
    func codeVersion() throws {
        let scratch = try Scratch()
        #expect(CodeVersion.current(in: scratch.url) == CodeVersion.package)
        let here = CodeVersion.current(in: fixture(""))
        #expect(here == CodeVersion.package || here.hasPrefix(CodeVersion.package + "+"))
    }
}

@Suite struct DecimalTextTests {
    @Test(
        "significant digits as a person writes them",
        arguments: [
            (2.524991, 5, "2.525"), (0.000123456, 3, "0.000123"), (1e-5, 3, "1e-5"), (123456.7, 3, "123457"), (9.99996, 5, "10"),
            (-0.03, 5, "-0.03"),
            (0, 3, "0"), (1.5e12, 3, "1.5e12"), (99999, 3, "99999"),
        ] as [(Double, Int, String)])
    func significant(value: Double, digits: Int, text: String) { #expect(DecimalText.significant(value, digits: digits) == text) }

    @Test(
        "fixed decimals, no minus before a zero",
        arguments: [(2.345, 1, "2.3"), (-0.04, 1, "0.0"), (-1.25, 2, "-1.25"), (12, 0, "12"), (0.5, 3, "0.500")]
            as [(Double, Int, String)])
    func fixed(value: Double, decimals: Int, text: String) { #expect(DecimalText.fixed(value, decimals: decimals) == text) }
}
