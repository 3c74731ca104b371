public import LinearAlgebra

/// Market states to the columns that strategies and learners read, offline and online alike.
public struct FeaturePipeline: Sendable {
    public let features: [any Feature]

    public init(_ features: [any Feature] = FeatureCatalog.all) {
        precondition(Set(features.map(\.name)).count == features.count, "a feature is named twice: \(features.map(\.name))")
        self.features = features
    }

    /// The pipeline of those names, in their order.
    ///
    /// - Throws: ``FeatureError/unknown(_:known:)`` for a name the catalogue lacks.
    public init(names: [FeatureName]) throws(FeatureError) {
        var features: [any Feature] = []
        for name in names {
            guard let feature = FeatureCatalog.feature(named: name) else {
                throw .unknown(name, known: FeatureCatalog.all.map(\.name))
            }
            features.append(feature)
        }
        self.init(features)
    }

    public var names: [FeatureName] { features.map(\.name) }

    /// The features of one state, [F].
    public func row(_ state: MarketState) -> [Double] { features.map { $0.value(in: state) } }

    /// N states by F features. A state's row depends on that state alone, whatever the threads.
    public func matrix(_ states: [MarketState], workers: Workers = Workers(threads: 1)) -> FeatureMatrix {
        let rows = workers.map(count: states.count) { row(states[$0]) }
        return FeatureMatrix(names: names, columns: features.indices.map { column in rows.map { $0[column] } })
    }

    /// In how many of the states each feature found no measurement and gave its neutral value.
    public func absent(in states: [MarketState]) -> [FeatureName: Int] {
        var counts: [FeatureName: Int] = [:]
        for feature in features {
            let count = states.count { feature.measure($0).map { !$0.isFinite } ?? true }
            if count > 0 { counts[feature.name] = count }
        }
        return counts
    }
}

public enum FeatureError: Error, Equatable, CustomStringConvertible {
    case unknown(FeatureName, known: [FeatureName])

    public var description: String {
        switch self {
        case .unknown(let name, let known): "no feature '\(name)'; there are: \(known.map(\.rawValue).joined(separator: ", "))"
        }
    }
}
