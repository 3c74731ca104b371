import Synchronization

/// A figure that several features of one state share: computed when first asked for, then kept.
final class Once<Value: Sendable>: Sendable {
    private let kept = Mutex<Value?>(nil)

    /// The value kept, else that of `make`, which must not depend on who asks.
    func value(_ make: () -> Value) -> Value {
        kept.withLock { kept in
            if let value = kept { return value }
            let value = make()
            kept = value
            return value
        }
    }
}
