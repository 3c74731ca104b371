import Features
import Foundation
import Store
import Testing

@Suite struct FeatureSchemaTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func schema(unit: String = "coin", version: Int = 1, summary: String = "delta") -> FeatureSchema {
        FeatureSchema([
            FeatureDescription(name: "time-to-expiry", unit: "years", summary: "time", version: 1),
            FeatureDescription(name: "book-delta", unit: unit, summary: summary, version: version),
        ])
    }

    @Test("The hash follows names, their order, units and formula versions, and not the wording of a summary")
    func hash() {
        let schema = Self.schema()
        #expect(schema.hash.count == 64 && schema == Self.schema(summary: "Black delta"))
        #expect(schema != Self.schema(unit: "USD") && schema != Self.schema(version: 2))
        #expect(FeatureSchema(schema.features.reversed()) != schema)
        // sha256sum of "time-to-expiry\tyears\t1\nbook-delta\tcoin\t1\n".
        #expect(schema.hash == "d3dadea349c728b409f2a4619401e61bf8c30b5085ce72cb72d5f4e621ead070")
    }

    @Test("A schema read back is the one written")
    func roundTrip() throws {
        let schema = FeatureSchema([.logMoneyness, .bookVega, "surface-level", "remaining-steps", "forward.2", "risk-aversion"])
        let read = try JSONDecoder().decode(FeatureSchema.self, from: try JSONEncoder().encode(schema))
        #expect(read.features == schema.features && read.hash == schema.hash)
        #expect(schema.features.map(\.unit).allSatisfy { !$0.isEmpty })
        #expect(schema.features[1].unit == "USD per 1.00 of volatility" && schema.features[4].summary.hasSuffix("asset 2"))
    }

    @Test("What differs between a model's features and this program's is said")
    func difference() {
        #expect(Self.schema().difference(from: Self.schema(summary: "other")) == nil)
        #expect(
            Self.schema(version: 2).difference(from: Self.schema())
                == "'book-delta' is of formula version 2, this program computes version 1")
        #expect(Self.schema(unit: "USD").difference(from: Self.schema()) == "'book-delta' is in USD, this program gives it in coin")
    }

    @Test("Models of the first format, with names alone, still open: those of this repository")
    func oldModels() throws {
        let store = ModelStore(Self.root.appendingPathComponent("models"))
        let names = try store.names()
        #expect(!names.isEmpty)
        for name in names {
            for version in try store.versions(of: name) {
                let model = try store.load(ModelReference(name: name, version: version))
                #expect(model.record.featureSchema == FeatureSchema(model.hedge.inputs), "\(name)@\(version)")
            }
        }
        let old = Data(#"{"names": ["book-delta"], "hash": "4fd2ddd457ad51711171f1f1adcb7971cb79772d6b20eccfb66a08ae57a12dae"}"#.utf8)
        #expect(try JSONDecoder().decode(FeatureSchema.self, from: old) == FeatureSchema([.bookDelta]))
        let damaged = Data(#"{"names": ["book-vega"], "hash": "4fd2ddd457ad51711171f1f1adcb7971cb79772d6b20eccfb66a08ae57a12dae"}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FeatureSchema.self, from: damaged) }
    }

    @Test("A model trained on another version of a formula is refused, and the error says which")
    func otherVersion() throws {
        let scratch = try Scratch()
        let store = ModelStore(scratch.url)
        var record = ModelStoreTests.record()
        record.featureSchema = FeatureSchema(
            record.featureSchema.features.map {
                FeatureDescription(name: $0.name, unit: $0.unit, summary: $0.summary, version: $0.name == .bookDelta ? 2 : 1)
            })
        #expect {
            try store.save(record, ModelStoreTests.hedge())
        } throws: {
            "\($0)".contains("'book-delta' is of formula version 2, this program computes version 1")
        }
    }
}
