import Foundation
import Store
import Testing

@Suite struct DatasetDraftTests {
    struct Progress: Codable, Equatable { var step: Int }

    static func draft(_ scratch: Scratch, fresh: Bool = false) throws -> DatasetDraft<Progress> {
        try DatasetDraft<Progress>(StoreName("simulated"), in: DatasetStore(scratch.file("datasets")), fresh: fresh)
    }

    static func text(_ draft: DatasetDraft<Progress>, _ path: String) -> String? {
        try? String(contentsOf: draft.folder.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("what was appended after the last record is gone when the draft is taken up again, and so are files it does not name")
    func takenUp() throws {
        let scratch = try Scratch()
        do {
            let draft = try Self.draft(scratch)
            #expect(draft.progress == nil)
            try draft.append(Array("one".utf8), to: "a/x")
            try draft.keep(Progress(step: 1))
            try draft.append(Array(" two".utf8), to: "a/x")
            try draft.append(Array("stray".utf8), to: "y")
        }
        let draft = try Self.draft(scratch)
        #expect(draft.progress == Progress(step: 1) && Self.text(draft, "a/x") == "one" && Self.text(draft, "y") == nil)
        try draft.append(Array(" 2".utf8), to: "a/x")
        let saved = try draft.finish(DatasetStoreTests.manifest(), rows: ["a/x": 2])
        #expect(saved.files.map(\.path) == ["a/x"] && saved.rows == 2 && saved.files.map(\.bytes) == [5])
        let store = DatasetStore(scratch.file("datasets"))
        #expect(try store.verify(StoreName("simulated")) == saved)
        #expect(try scratch.names("datasets") == ["simulated"])
    }

    @Test("begun anew, nothing is left of before")
    func fresh() throws {
        let scratch = try Scratch()
        do {
            let draft = try Self.draft(scratch)
            try draft.append([1, 2, 3], to: "x")
            try draft.keep(Progress(step: 4))
        }
        let draft = try Self.draft(scratch, fresh: true)
        #expect(draft.progress == nil && Self.text(draft, "x") == nil)
    }

    @Test("two cannot be at one draft; a file shorter than its record is refused; an existing dataset is not replaced unasked")
    func refusals() throws {
        let scratch = try Scratch()
        do {
            let draft = try Self.draft(scratch)
            #expect(throws: DatasetError.draftInUse(draft.folder.path)) { try Self.draft(scratch) }
            try draft.append([1, 2, 3], to: "x")
            try draft.keep(Progress(step: 1))
        }
        let file = scratch.file("datasets/.importing-simulated/x")
        try Data([1]).write(to: file)
        #expect(throws: DatasetError.self) { try Self.draft(scratch) }

        try DatasetStoreTests.save(DatasetStore(scratch.file("datasets")))
        do {
            let draft = try Self.draft(scratch, fresh: true)
            try draft.append([1], to: "x")
            #expect(throws: FileError.alreadyExists(path: scratch.file("datasets/simulated").path)) {
                try draft.finish(DatasetStoreTests.manifest(), rows: [:])
            }
            #expect(try draft.finish(DatasetStoreTests.manifest(), rows: [:], replacing: true).files.map(\.path) == ["x"])
        }
        #expect(try scratch.names("datasets") == ["simulated"])
    }

    @Test("given up, the store is as it was")
    func discarded() throws {
        let scratch = try Scratch()
        let draft = try Self.draft(scratch)
        try draft.append([1], to: "x")
        draft.discard()
        #expect(try scratch.names().isEmpty)
    }
}
