import Foundation

/// What went wrong with a file, in the words of the operating system, and that nothing was left half-done.
public enum FileError: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    /// A directory, a pipe or a device where a file was expected.
    case notRegular(path: String)
    case tooLarge(path: String, bytes: Int, limit: Int)
    case unwritable(path: String, reason: String)
    case alreadyExists(path: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .notRegular(let path): "cannot read \(path): it is a directory, a pipe or a device; expected a regular file"
        case .tooLarge(let path, let bytes, let limit): "cannot read \(path): \(bytes) bytes, more than the limit of \(limit)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason); nothing was changed"
        case .alreadyExists(let path): "\(path) exists already; nothing was changed"
        }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
