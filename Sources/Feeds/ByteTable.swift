/// Values under short byte strings, so that a name repeated in every row is decoded once and never made a `String` again.
///
/// Open addressing, FNV-1a hash. Answers do not depend on the order of insertion.
struct ByteTable<Value> {
    private var slots: [Int32] = Array(repeating: -1, count: 1 << 12)
    private var keys: [(start: Int, count: Int)] = []
    private var arena: [UInt8] = []
    private(set) var values: [Value] = []

    /// The value under `key`, made by `make` the first time.
    mutating func value(
        _ key: UnsafeBufferPointer<UInt8>, make: (UnsafeBufferPointer<UInt8>) throws(FeedError) -> Value
    ) throws(FeedError) -> Value {
        var slot = Self.hash(key) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if equals(index, key) { return values[index] }
            slot = (slot + 1) & (slots.count - 1)
        }
        let value = try make(key)
        slots[slot] = Int32(values.count)
        keys.append((arena.count, key.count))
        arena.append(contentsOf: key)
        values.append(value)
        if values.count * 2 > slots.count { grow() }
        return value
    }

    private func equals(_ index: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let (start, count) = keys[index]
        guard count == key.count else { return false }
        for offset in 0..<count where arena[start + offset] != key[offset] { return false }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        arena.withUnsafeBufferPointer { arena in
            for (index, key) in keys.enumerated() {
                var slot = Self.hash(UnsafeBufferPointer(rebasing: arena[key.start..<key.start + key.count])) & (slots.count - 1)
                while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
                slots[slot] = Int32(index)
            }
        }
    }

    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 29) & Int.max
    }
}
