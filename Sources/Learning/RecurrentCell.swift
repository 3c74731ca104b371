/// A layer that remembers: it reads the inputs and its own state h, and its new state is what the layers above read.
public struct RecurrentCell: Sendable, Codable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Gated recurrent unit.
        ///
        ///     r, z = σ(W [x; h] + b),   n = tanh(A x + a + r ∘ (M h + m)),   h' = (1 − z) ∘ n + z ∘ h
        ///
        /// Reference: Cho et al., *Learning phrase representations using RNN encoder-decoder*, EMNLP 2014; the reset gate behind
        /// the product, as PyTorch and cuDNN have it.
        case gru
        /// Long short-term memory.
        ///
        ///     i, f, o = σ(·),  g = tanh(·) of W [x; h] + b,   c' = f ∘ c + i ∘ g,   h' = o ∘ tanh c'
        ///
        /// Reference: Hochreiter, Schmidhuber, *Long short-term memory*, Neural Computation 9 (1997); Gers, Schmidhuber, Cummins,
        /// *Learning to forget*, Neural Computation 12 (2000).
        case lstm
    }

    public var kind: Kind
    /// U, numbers of h. Positive.
    public var units: Int

    public init(_ kind: Kind, units: Int) {
        precondition(units > 0, "a cell of \(units) units")
        self.kind = kind
        self.units = units
    }

    /// Numbers carried from a step to the next: h, and c behind it where there is one.
    public var memory: Int { kind == .lstm ? 2 * units : units }

    /// Rows of [U] that a step keeps for its backward pass: r, z, n, M h + m; or i, f, g, o, tanh c', c'.
    var rows: Int { kind == .lstm ? 6 : 4 }

    /// The affine maps of F inputs and the state behind them, in the order of their parameters: `gates` [2U or 4U, F + U], r before z,
    /// or i, f, g, o; for GRU `candidate` [U, F] and `memory` [U, U].
    func maps(inputs: Int) -> [NetworkArchitecture.Layer] {
        let gates = NetworkArchitecture.Layer(inputs: inputs + units, outputs: kind == .lstm ? 4 * units : 2 * units, offset: 0)
        guard kind == .gru else { return [gates] }
        let candidate = NetworkArchitecture.Layer(inputs: inputs, outputs: units, offset: gates.end)
        return [gates, candidate, NetworkArchitecture.Layer(inputs: units, outputs: units, offset: candidate.end)]
    }

    var mapNames: [String] { kind == .lstm ? ["cell.gates"] : ["cell.gates", "cell.candidate", "cell.memory"] }
}
