public import LinearAlgebra

/// The name of a feature. Saved in model files: renaming one breaks them.
public struct FeatureName: Sendable, Hashable, Codable, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }
}

/// N states by F named features, column by column: what strategies and learners read, offline and online alike.
public struct FeatureMatrix: Sendable, Equatable {
    public let names: [FeatureName]
    /// F columns of N values.
    public private(set) var columns: [[Double]]

    public init(names: [FeatureName], columns: [[Double]]) {
        precondition(names.count == columns.count, "\(names.count) names for \(columns.count) columns")
        precondition(columns.allSatisfy { $0.count == columns[0].count }, "columns differ in length: \(columns.map(\.count))")
        self.names = names
        self.columns = columns
    }

    /// N.
    public var count: Int { columns.first?.count ?? 0 }

    /// The column of that name; the caller asks only for names it put or was promised.
    public subscript(name: FeatureName) -> [Double] {
        guard let index = names.firstIndex(of: name) else {
            preconditionFailure("no feature '\(name)'; there are: \(names.map(\.rawValue).joined(separator: ", "))")
        }
        return columns[index]
    }

    public func contains(_ name: FeatureName) -> Bool { names.contains(name) }

    /// The named columns side by side, [N, names.count].
    public func matrix(_ names: [FeatureName]) -> Matrix<Double> {
        let chosen = names.map { self[$0] }
        return Matrix(rows: count, columns: names.count) { chosen[$1][$0] }
    }
}
