public import Features

/// The features that a model reads, in order, and what they are: two schemas with one hash mean the same numbers.
public struct FeatureSchema: Sendable {
    public let features: [FeatureDescription]
    /// SHA-256 of name, tab, unit, tab, formula version and newline of each feature. Summaries are for reading: their wording is no part.
    public let hash: String

    /// The features of those names as this program computes them.
    public init(_ names: [FeatureName]) { self.init(names.map(FeatureCatalog.description)) }

    public init(_ features: [FeatureDescription]) {
        self.features = features
        hash = RegularFile.sha256(of: features.flatMap { Array("\($0.name.rawValue)\t\($0.unit)\t\($0.version)\n".utf8) })
    }

    public var names: [FeatureName] { features.map(\.name) }

    /// The first feature that `other`, with the same names in the same order, means otherwise, as a sentence; nil where there is none.
    public func difference(from other: FeatureSchema) -> String? {
        for (own, its) in zip(features, other.features) where own.name == its.name {
            if own.version != its.version {
                return "'\(own.name)' is of formula version \(own.version), this program computes version \(its.version)"
            }
            if own.unit != its.unit { return "'\(own.name)' is in \(own.unit), this program gives it in \(its.unit)" }
        }
        return nil
    }
}

extension FeatureSchema: Equatable {
    public static func == (a: FeatureSchema, b: FeatureSchema) -> Bool { a.hash == b.hash }
}

/// Written as parallel lists. Models of the first format have only names, and a hash of these: they are read as the first version of
/// every formula.
extension FeatureSchema: Codable {
    enum CodingKeys: String, CodingKey { case names, units, versions, summaries, hash }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let names = try container.decode([FeatureName].self, forKey: .names)
        let written = try container.decode(String.self, forKey: .hash)
        func check(_ found: String) throws {
            guard written == found else {
                throw DecodingError.dataCorruptedError(
                    forKey: .hash, in: container, debugDescription: "the feature schema's hash is \(written), its features give \(found)")
            }
        }
        guard let units = try container.decodeIfPresent([String].self, forKey: .units) else {
            try check(RegularFile.sha256(of: names.flatMap { Array($0.rawValue.utf8) + [0x0A] }))
            self.init(
                names.map {
                    let known = FeatureCatalog.description(of: $0)
                    return FeatureDescription(name: $0, unit: known.unit, summary: known.summary, version: 1)
                })
            return
        }
        let versions = try container.decode([Int].self, forKey: .versions)
        let summaries = try container.decode([String].self, forKey: .summaries)
        guard units.count == names.count, versions.count == names.count, summaries.count == names.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .units, in: container,
                debugDescription:
                    "\(names.count) features have \(units.count) units, \(versions.count) versions and \(summaries.count) summaries")
        }
        self.init(
            names.indices.map {
                FeatureDescription(name: names[$0], unit: units[$0], summary: summaries[$0], version: versions[$0])
            })
        try check(hash)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(names, forKey: .names)
        try container.encode(features.map(\.unit), forKey: .units)
        try container.encode(features.map(\.version), forKey: .versions)
        try container.encode(features.map(\.summary), forKey: .summaries)
        try container.encode(hash, forKey: .hash)
    }
}
