/// How a command ends; scripts rely on the numbers.
enum ExitStatus: Int32 {
    case done = 0
    case workFailed = 1
    case badUsage = 2
    case badData = 3
    case interrupted = 130
}

/// An end that a person can do something about: what was found, what was expected, where, and what to do.
struct Failure: Error {
    var status: ExitStatus
    var message: String

    static func usage(_ message: String) -> Failure { Failure(status: .badUsage, message: message) }
    static func data(_ message: String) -> Failure { Failure(status: .badData, message: message) }
    static func work(_ message: String) -> Failure { Failure(status: .workFailed, message: message) }
    static let interrupted = Failure(status: .interrupted, message: "interrupted; everything finished so far is saved.")
}

/// Whatever a reader of outside data throws is bad data, and the message says of which file.
func reading<Value>(_ path: String, _ read: () throws -> Value) throws(Failure) -> Value {
    do {
        return try read()
    } catch let failure as Failure {
        throw failure
    } catch {
        let text = "\(error)"
        throw .data(text.contains(path) ? text : "\(path): \(text)")
    }
}

/// What a person typed wrongly.
func usage<Value>(_ make: () throws -> Value) throws(Failure) -> Value {
    do {
        return try make()
    } catch let failure as Failure {
        throw failure
    } catch {
        throw .usage("\(error)")
    }
}
