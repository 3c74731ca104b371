/// A tensor as files hold it: a name, a shape and its numbers, row-major.
public struct NamedTensor: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var values: [Float]

    public init(name: String, shape: [Int], values: [Float]) {
        precondition(
            shape.reduce(1, *) == values.count, "\(name): shape \(shape) needs \(shape.reduce(1, *)) values, found \(values.count)")
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// Why a set of tensors is not the parameters of a network.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
    case missingTensor(name: String, found: [String])
    case unexpectedTensor(name: String, expected: [String])
    case shape(name: String, found: [Int], expected: [Int])
    case nonFinite(name: String, index: Int)

    public var description: String {
        switch self {
        case .missingTensor(let name, let found): "no tensor \"\(name)\"; there are: \(found.joined(separator: ", "))"
        case .unexpectedTensor(let name, let expected): "unexpected tensor \"\(name)\"; expected: \(expected.joined(separator: ", "))"
        case .shape(let name, let found, let expected): "tensor \"\(name)\" has shape \(found), expected \(expected)"
        case .nonFinite(let name, let index): "tensor \"\(name)\" is not finite at element \(index)"
        }
    }
}

extension Network {
    /// The parameters by name, in the order of `architecture.tensors`.
    public var tensors: [NamedTensor] {
        architecture.tensors.map {
            NamedTensor(name: $0.name, shape: $0.shape, values: Array(parameters[$0.offset..<$0.offset + $0.count]))
        }
    }

    /// The network of those tensors, in any order; every one must be there, in its shape, finite, and no other.
    public init(_ architecture: NetworkArchitecture, tensors: [NamedTensor]) throws(NetworkError) {
        let expected = architecture.tensors
        let names = Set(expected.map(\.name))
        for tensor in tensors where !names.contains(tensor.name) {
            throw .unexpectedTensor(name: tensor.name, expected: expected.map(\.name))
        }
        let found = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var parameters: [Float] = []
        for place in expected {
            guard let tensor = found[place.name] else { throw .missingTensor(name: place.name, found: tensors.map(\.name)) }
            guard tensor.shape == place.shape else { throw .shape(name: place.name, found: tensor.shape, expected: place.shape) }
            if let index = tensor.values.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(name: place.name, index: index) }
            // Tensors are listed in the order of the block and fill it without gaps.
            parameters += tensor.values
        }
        self.init(architecture, parameters: parameters)
    }
}
