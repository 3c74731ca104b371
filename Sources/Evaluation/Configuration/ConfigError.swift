/// What is wrong with a configuration, and where: `path` is the dotted way to the value, `line` counts from 1 in its file.
public enum ConfigError: Error, Equatable {
    case unknownKey(path: String, nearest: String?, known: [String], line: Int?)
    case missing(path: String, expected: String, line: Int?)
    case invalid(path: String, found: String, expected: String, line: Int?)

    public var line: Int? {
        switch self {
        case .unknownKey(_, _, _, let line), .missing(_, _, let line), .invalid(_, _, _, let line): line
        }
    }
}

extension ConfigError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKey(let path, let nearest, let known, _):
            let question = nearest.map { " Did you mean \"\($0)\"?" } ?? ""
            return "unknown key \"\(path)\".\(question) Known here: \(known.joined(separator: ", "))."
        case .missing(let path, let expected, _):
            return "\"\(path)\" is missing; expected \(expected)."
        case .invalid(let path, let found, let expected, _):
            return "\"\(path)\" is \(found); expected \(expected)."
        }
    }
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one name into another.
///
/// Reference: Damerau, *A technique for computer detection and correction of spelling errors*, CACM 7 (1964).
public enum SpellingDistance {
    public static func between(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count {
            for j in 0...b.count {
                guard i > 0, j > 0 else {
                    rows[i][j] = max(i, j)
                    continue
                }
                let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
                }
            }
        }
        return rows[a.count][b.count]
    }

    /// The known name that `name` was probably meant to be: at most a third of its letters wrong, and always one.
    public static func nearest(to name: String, among known: [String]) -> String? {
        let ranked = known.map { ($0, between(name.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
        guard let (best, distance) = ranked, distance <= max(1, name.count / 3) else { return nil }
        return best
    }
}
