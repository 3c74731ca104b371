import Store
import StrictJSON

/// A Jupyter notebook: cells in order, outputs included. Format nbformat 4.5.
public struct Notebook: Sendable {
    /// What a code cell shows.
    public enum Output: Sendable {
        /// A table, as HTML and for terminals as text.
        case html(String, text: String)
        case svg(String)
    }

    enum Content: Sendable {
        case markdown(String)
        case code(String, outputs: [Output], tags: [String])
    }

    struct Cell: Sendable {
        var id: String
        var content: Content
    }

    private(set) var cells: [Cell] = []

    public init() {}

    /// - Parameter id: Unique in the notebook, 1 to 64 of letters, digits, '-' and '_'.
    public mutating func markdown(_ id: String, _ text: String) { add(id, .markdown(text)) }

    /// - Parameter tags: `parameters` marks the cell that papermill replaces.
    public mutating func code(_ id: String, _ source: String, outputs: [Output] = [], tags: [String] = []) {
        add(id, .code(source, outputs: outputs, tags: tags))
    }

    private mutating func add(_ id: String, _ content: Content) {
        precondition(
            (1...64).contains(id.utf8.count) && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") },
            "'\(id)' cannot be a cell's id")
        precondition(!cells.contains { $0.id == id }, "two cells have the id '\(id)'")
        cells.append(Cell(id: id, content: content))
    }

    public var json: JSONValue {
        [
            "cells": .array(cells.map(Self.json)),
            "metadata": [
                "kernelspec": ["display_name": "Python 3", "language": "python", "name": "python3"], "language_info": ["name": "python"],
            ],
            "nbformat": 4, "nbformat_minor": 5,
        ]
    }

    public var text: String { json.text(indented: true) + "\n" }

    private static func json(_ cell: Cell) -> JSONValue {
        switch cell.content {
        case .markdown(let text):
            return ["cell_type": "markdown", "id": .string(cell.id), "metadata": [:], "source": lines(text)]
        case .code(let source, let outputs, let tags):
            let metadata: JSONValue = tags.isEmpty ? [:] : ["tags": .array(tags.map { .string($0) })]
            return [
                "cell_type": "code", "execution_count": nil, "id": .string(cell.id), "metadata": metadata,
                "outputs": .array(outputs.map(Self.json)), "source": lines(source),
            ]
        }
    }

    private static func json(_ output: Output) -> JSONValue {
        let data: JSONValue =
            switch output {
            case .html(let html, let text): ["text/html": lines(html), "text/plain": lines(text)]
            case .svg(let svg): ["image/svg+xml": lines(svg), "text/plain": "a figure"]
            }
        return ["output_type": "display_data", "data": data, "metadata": [:]]
    }

    /// Lines that keep their ends, as the format stores text.
    private static func lines(_ text: String) -> JSONValue {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = parts.enumerated().map { $0.offset + 1 < parts.count ? $0.element + "\n" : $0.element }
        return .array(kept.filter { !$0.isEmpty }.map { .string(String($0)) })
    }
}
