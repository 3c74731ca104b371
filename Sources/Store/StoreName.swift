import Foundation

/// The rule for names that become directories: a letter or digit, then up to 63 letters, digits, '.', '_' or '-'.
///
///     ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$
///
/// ASCII only, so that no look-alike, separator or leading dot can pass, and no name can leave its store.
public struct StoreName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(_ text: String) throws(InvalidName) {
        let bytes = Array(text.utf8)
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        let others: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")]
        guard (1...64).contains(bytes.count), isLetterOrDigit(bytes[0]),
            bytes.allSatisfy({ isLetterOrDigit($0) || others.contains($0) })
        else { throw InvalidName(text: text) }
        rawValue = text
    }

    public var description: String { rawValue }

    public static func < (a: StoreName, b: StoreName) -> Bool { a.rawValue < b.rawValue }

    public struct InvalidName: Error, Equatable, CustomStringConvertible {
        public var text: String
        public init(text: String) { self.text = text }
        public var description: String {
            let shown = text.unicodeScalars.prefix(70).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }.joined()
            return "'\(shown)' is no valid name: expected a letter or digit, then at most 63 letters, digits, '.', '_' or '-'"
        }
    }

    /// The directory of that name in `root`, which a symbolic link must not lead out of it.
    func directory(in root: URL) throws -> URL {
        let directory = root.appendingPathComponent(rawValue, isDirectory: true)
        let inside = root.resolvingSymlinksInPath().standardizedFileURL.path
        let resolved = directory.resolvingSymlinksInPath().standardizedFileURL.path
        guard resolved == inside + "/" + rawValue || resolved.hasPrefix(inside + "/") else {
            throw LinkOutside(path: directory.path)
        }
        return directory
    }

    public struct LinkOutside: Error, Equatable, CustomStringConvertible {
        public var path: String
        public init(path: String) { self.path = path }
        public var description: String { "\(path) is a link that leads out of the store; put a real directory in its place" }
    }

    /// The valid names of directories in `root`, in order. A store that does not exist yet is empty.
    static func directories(in root: URL) throws -> [StoreName] {
        guard FileManager.default.fileExists(atPath: root.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: root.path).sorted().compactMap { entry in
            guard let name = try? StoreName(entry) else { return nil }
            var isDirectory: ObjCBool = false
            let path = root.appendingPathComponent(entry).path
            return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue ? name : nil
        }
    }

    /// An existing name that differs only in the case of its letters: one directory on some file systems, two on others.
    func caseTwin(in root: URL) throws -> StoreName? {
        try Self.directories(in: root).first { $0 != self && $0.rawValue.lowercased() == rawValue.lowercased() }
    }
}
