import Foundation
import Synchronization

/// Control-C in a long command: the first asks it to stop and save, the second ends it at once.
enum Interruption {
    private static let requests = Atomic<Int>(0)

    static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    static func listen() {
        _ = isRequested  // the counter exists before a signal can come
        signal(SIGINT) { _ in
            if Interruption.requests.add(1, ordering: .relaxed).newValue > 1 { _exit(ExitStatus.interrupted.rawValue) }
        }
    }
}
