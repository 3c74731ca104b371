import Probability

/// Columns of standard normal numbers of consecutive paths, one after the other, two from each address of a group: a Philox block is
/// two doubles.
struct NormalColumns {
    private let stream: RandomStream
    private let firstPath: Int
    private let group: Int
    private var kept: [Double]
    private var taken = 0

    init(_ stream: RandomStream, paths: Range<Int>, group: Int = 0) {
        self.stream = stream
        self.group = group
        firstPath = paths.lowerBound
        kept = [Double](repeating: 0, count: paths.count)
    }

    mutating func next(_ column: UnsafeMutableBufferPointer<Double>) {
        if taken % 2 == 0 {
            kept.withUnsafeMutableBufferPointer {
                stream.fillNormalPairs(column, $0, firstPath: firstPath, step: taken / 2, group: group)
            }
        } else {
            _ = column.update(fromContentsOf: kept)
        }
        taken += 1
    }
}
