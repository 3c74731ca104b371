public import Features

/// The features that a model reads, in order, and their hash: two models with one hash read the same matrix.
public struct FeatureSchema: Sendable, Equatable {
    public let names: [FeatureName]
    /// SHA-256 of the names, each ended by a newline.
    public let hash: String

    public init(_ names: [FeatureName]) {
        self.names = names
        hash = RegularFile.sha256(of: names.flatMap { Array($0.rawValue.utf8) + [0x0A] })
    }
}

extension FeatureSchema: Codable {
    enum CodingKeys: String, CodingKey { case names, hash }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try container.decode([FeatureName].self, forKey: .names))
        let written = try container.decode(String.self, forKey: .hash)
        guard written == hash else {
            throw DecodingError.dataCorruptedError(
                forKey: .hash, in: container, debugDescription: "the feature schema's hash is \(written), its names give \(hash)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(names, forKey: .names)
        try container.encode(hash, forKey: .hash)
    }
}
