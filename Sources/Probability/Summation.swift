/// Σ term(i) for i in 0..<count, in blocks of 512: the rounding error grows with the square root of the blocks, not with the count.
@inline(__always)
func summed(_ count: Int, _ term: (Int) -> Double) -> Double {
    var total = 0.0
    var start = 0
    while start < count {
        let end = min(start + 512, count)
        var partial = 0.0
        for index in start..<end { partial += term(index) }
        total += partial
        start = end
    }
    return total
}

/// The value that has `rank` larger or equal values before it when sorted downwards; rank 0 is the maximum. Time O(N), by selection.
func descendingOrderStatistic(of values: [Double], rank: Int) -> Double {
    precondition(values.indices.contains(rank), "rank \(rank) is outside 0..<\(values.count)")
    var copy = values
    return copy.withUnsafeMutableBufferPointer { selectDescending($0, rank: rank) }
}

/// Quickselect with three-way partition around the median of three scattered elements. Reorders `x`; NaN is not allowed.
func selectDescending(_ x: UnsafeMutableBufferPointer<Double>, rank: Int) -> Double {
    var low = 0
    var high = x.count - 1
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15  // scatters the pivots, so that no ordered input is the worst case
    while low < high {
        func scattered() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return x[low + Int((state >> 33) % UInt64(high - low + 1))]
        }
        let (a, b, c) = (scattered(), scattered(), scattered())
        let pivot = max(min(a, b), min(max(a, b), c))
        var larger = low  // x[low..<larger] > pivot
        var index = low  // x[larger..<index] == pivot
        var smaller = high  // x[smaller+1...high] < pivot
        while index <= smaller {
            let value = x[index]
            if value > pivot {
                x[index] = x[larger]
                x[larger] = value
                larger += 1
                index += 1
            } else if value < pivot {
                x[index] = x[smaller]
                x[smaller] = value
                smaller -= 1
            } else {
                index += 1
            }
        }
        if rank < larger { high = larger - 1 } else if rank > smaller { low = smaller + 1 } else { return pivot }
    }
    return x[low]
}
