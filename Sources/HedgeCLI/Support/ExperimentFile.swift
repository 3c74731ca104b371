import Evaluation
import Foundation
import Yams

/// Reads an experiment's YAML; what is wrong with it is said with file, line and key.
enum ExperimentFile {
    /// An experiment is a page; a file beyond this is something else.
    static let largest = 1 << 20

    static func read(_ path: String) throws(Failure) -> Experiment { try experiment(try node(path), path) }

    /// The page as it was written.
    static func node(_ path: String) throws(Failure) -> ConfigNode {
        let text = try contents(path)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw .usage("\(path): not YAML: \(error)")
        }
        guard let root else { throw .usage("\(path) is empty; expected an experiment. Examples lie in Tests/Experiments.") }
        return try named(path) { try ConfigNode(root) }
    }

    static func experiment(_ node: ConfigNode, _ path: String) throws(Failure) -> Experiment {
        try named(path) { try Experiment(node) }
    }

    /// What is wrong with a page, with its file and line.
    private static func named<Value>(_ path: String, _ read: () throws -> Value) throws(Failure) -> Value {
        do {
            return try read()
        } catch let error as ConfigError {
            let place = error.line.map { "\(path):\($0)" } ?? path
            throw .usage("\(place): \(error)")
        } catch {
            throw .usage("\(path): \(error)")
        }
    }

    private static func contents(_ path: String) throws(Failure) -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .usage("\(path): no such file; expected an experiment in YAML. Examples lie in Tests/Experiments.")
        }
        guard !isFolder.boolValue else { throw .usage("\(path) is a folder; expected an experiment file in YAML.") }
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: largest + 1) else {
            throw .usage("\(path) cannot be read; check its permissions.")
        }
        guard data.count <= largest else { throw .usage("\(path) is larger than \(largest) bytes; that is no experiment.") }
        guard let text = String(validating: data, as: UTF8.self) else { throw .usage("\(path) is not UTF-8 text.") }
        return text
    }
}

extension ConfigNode {
    init(_ node: Node) throws(ConfigError) {
        let line = node.mark?.line
        switch node {
        case .scalar(let scalar):
            self.init(.scalar(scalar.string, quoted: scalar.style != .plain && scalar.style != .any), line: line)
        case .sequence(let sequence):
            var items: [ConfigNode] = []
            for item in sequence { items.append(try ConfigNode(item)) }
            self.init(.list(items), line: line)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw .invalid(path: "a key", found: "a list or a map", expected: "a name", line: key.mark?.line)
                }
                entries.append(Entry(name.string, try ConfigNode(value), line: key.mark?.line))
            }
            self.init(.map(entries), line: line)
        case .alias:
            throw .invalid(path: "an alias", found: "*", expected: "plain YAML without anchors", line: line)
        }
    }
}
