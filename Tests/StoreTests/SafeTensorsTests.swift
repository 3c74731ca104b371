import Foundation
import Store
import StrictJSON
import Testing

@Suite struct SafeTensorsTests {
    static let tensors = [
        StoredTensor("steps", shape: [3], .int64([.min, 0, .max])),
        StoredTensor("mean", shape: [3], [0.1, -2.2250738585072014e-308, 1.7976931348623157e308]),
        StoredTensor("band.bias", shape: [2], [-1.5, 0.25] as [Float]),
        StoredTensor("band.weight", shape: [2, 3], [0, 0.125, 0.25, 0.375, 0.5, 0.625] as [Float]),
        StoredTensor("empty", shape: [0, 4], [] as [Float]),
        StoredTensor("scalar", shape: [], [0.1] as [Float]),
    ]

    @Test("a file of the reference implementation is read, and written back byte for byte")
    func reference() throws {
        let bytes = try RegularFile.read(fixture("reference.safetensors"))
        let file = try SafeTensors(parsing: bytes)
        #expect(file == SafeTensors(Self.tensors, metadata: ["strategy": "no-transaction-band β"]))
        #expect(try Array(file.encoded()) == bytes)
    }

    @Test("a tensor is found by its name and read by its type")
    func access() throws {
        let file = SafeTensors(Self.tensors)
        #expect(file["band.bias"]?.floats == [-1.5, 0.25])
        #expect(file["mean"]?.doubles?.first == 0.1)
        #expect(file["mean"]?.floats == nil)
        #expect(file["none"] == nil)
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        /// What the reference implementation says; nil where it accepts the file.
        var reference: String?
        var testDescription: String { name }

        static let all: [Malformed] = {
            guard let bytes = try? RegularFile.read(fixture("malformed.json")), let tree = try? JSONValue.parse(bytes) else { return [] }
            return (tree["files"]?.arrayValue ?? []).compactMap { entry in
                guard let name = entry["name"]?.stringValue, let text = entry["base64"]?.stringValue, let data = Data(base64Encoded: text)
                else { return nil }
                return Malformed(name: name, bytes: Array(data), reference: entry["reference"]?.stringValue)
            }
        }()
    }

    @Test("a malformed file is refused", arguments: Malformed.all)
    func refused(file: Malformed) {
        #expect(throws: SafeTensorsError.self) { try SafeTensors(parsing: file.bytes) }
    }

    @Test("the list of malformed files is whole, and some of them the reference implementation accepts")
    func malformedList() {
        #expect(Malformed.all.count == 37)
        #expect(
            Malformed.all.filter { $0.reference == nil }.map(\.name) == [
                "header begins with a space", "name given twice", "unknown field", "a weight is NaN", "a weight is infinite",
            ])
    }

    @Test("every prefix of a good file is refused: none can be mistaken for it")
    func prefixes() throws {
        let bytes = try RegularFile.read(fixture("reference.safetensors"))
        for count in 0..<bytes.count {
            #expect(throws: SafeTensorsError.self) { try SafeTensors(parsing: Array(bytes.prefix(count))) }
        }
    }

    @Test("a changed byte of the header gives an error or another file, never a crash")
    func flippedBytes() throws {
        let bytes = try RegularFile.read(fixture("reference.safetensors"))
        let original = try SafeTensors(parsing: bytes)
        for index in 0..<440 {
            for flip in [1, 2, 16, 128] as [UInt8] {
                var changed = bytes
                changed[index] ^= flip
                if let file = try? SafeTensors(parsing: changed) { #expect(file != original) }
            }
        }
    }

    @Test("the error names the tensor and what is wrong with it")
    func messages() throws {
        #expect(throws: SafeTensorsError.nonFinite(tensor: "w", index: 1, value: "nan")) {
            try SafeTensors([StoredTensor("w", shape: [2], [0, .nan] as [Float])]).encoded()
        }
        #expect(throws: SafeTensorsError.duplicateName("w")) {
            try SafeTensors([StoredTensor("w", shape: [], [0] as [Float]), StoredTensor("w", shape: [], [0.0])]).encoded()
        }
        #expect(throws: SafeTensorsError.reservedName("__metadata__")) {
            try SafeTensors([StoredTensor("__metadata__", shape: [], [0.0])]).encoded()
        }
        let error = SafeTensorsError.sizeMismatch(tensor: "w", bytes: 8, expected: 12)
        #expect("\(error)" == "tensor 'w' has 8 bytes; its shape and type need 12")
    }
}
