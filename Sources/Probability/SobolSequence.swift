/// Sobol's points: every aligned run of 2^m of them has one point in each of many kinds of boxes of volume 2^−m, where random ones clump.
///
/// Coordinate c of point i is the exclusive or of the direction numbers of i's bits. Scrambled after Owen, each point by itself is
/// uniform, so that means over them are unbiased, and stays in its place among the others.
///
/// References: Sobol', *On the distribution of points in a cube* (1967); Joe, Kuo, *Constructing Sobol sequences with better
/// two-dimensional projections*, SIAM J. Scientific Computing 30 (2008), whose primitive polynomials and initial numbers these are; Owen,
/// *Randomly permuted (t,m,s)-nets* (1995); Burley, *Practical hash-based Owen scrambling*, J. Computer Graphics Techniques 9 (2020).
enum SobolSequence {
    /// Coordinates there are.
    static let coordinates = 64
    /// Points that are scrambled alike, 2^12: runs of so many are independent of one another.
    static let run = 1 << bits
    private static let bits = 12

    /// The 32 bits of a coordinate, scrambled by `seed`, which must differ from coordinate to coordinate.
    ///
    /// - Parameter index: Within a run.
    static func word(_ index: Int, coordinate: Int, seed: UInt32) -> UInt32 {
        var word: UInt32 = 0
        for bit in 0..<bits where index >> bit & 1 == 1 { word ^= directions[coordinate * bits + bit] }
        return scrambled(word, seed: seed)
    }

    /// Owen's scrambling by a hash: each bit is flipped or not by what stands above it, alike for all points of the same place.
    private static func scrambled(_ word: UInt32, seed: UInt32) -> UInt32 {
        var x = reversed(word)
        x = x &+ seed
        x ^= x &* 0x6C50_B47C
        x ^= x &* 0xB82F_1E52
        x ^= x &* 0xC7AF_E638
        x ^= x &* 0x8D22_F6E6
        return reversed(x)
    }

    private static func reversed(_ x: UInt32) -> UInt32 {
        var x = x.byteSwapped
        x = (x & 0x0F0F_0F0F) << 4 | (x >> 4) & 0x0F0F_0F0F
        x = (x & 0x3333_3333) << 2 | (x >> 2) & 0x3333_3333
        return (x & 0x5555_5555) << 1 | (x >> 1) & 0x5555_5555
    }

    /// v: the direction number of each bit of the index, `bits` for each coordinate, as fractions of 2^32.
    ///
    ///     m(k) = 2 a₁ m(k−1) ⊕ 4 a₂ m(k−2) ⊕ … ⊕ 2^s m(k−s) ⊕ m(k−s),   v(k) = m(k) 2^(32−k)
    private static let directions: [UInt32] = {
        var directions = (0..<bits).map { UInt32(1) << (31 - $0) }
        for row in polynomials {
            let degree = row.count - 1
            var numbers = Array(row[1...])
            for k in degree..<max(bits, degree) {
                var number = numbers[k - degree] ^ numbers[k - degree] << degree
                for i in 1..<degree where row[0] >> (degree - i) & 1 == 1 { number ^= numbers[k - i] << i }
                numbers.append(number)
            }
            directions += (0..<bits).map { numbers[$0] << (31 - $0) }
        }
        return directions
    }()

    /// The primitive polynomial over two elements, bit by bit, and m(1) ... m(s), of coordinates 1 on; coordinate 0 needs none.
    private static let polynomials: [[UInt32]] = [
        [3, 1], [7, 1, 3], [11, 1, 3, 1], [13, 1, 1, 1], [19, 1, 1, 3, 3], [25, 1, 3, 5, 13], [37, 1, 1, 5, 5, 17], [41, 1, 1, 5, 5, 5],
        [47, 1, 1, 7, 11, 19], [55, 1, 1, 5, 1, 1], [59, 1, 1, 1, 3, 11], [61, 1, 3, 5, 5, 31], [67, 1, 3, 3, 9, 7, 49],
        [91, 1, 1, 1, 15, 21, 21], [97, 1, 3, 1, 13, 27, 49], [103, 1, 1, 1, 15, 7, 5], [109, 1, 3, 1, 15, 13, 25],
        [115, 1, 1, 5, 5, 19, 61], [131, 1, 3, 7, 11, 23, 15, 103], [137, 1, 3, 7, 13, 13, 15, 69], [143, 1, 1, 3, 13, 7, 35, 63],
        [145, 1, 3, 5, 9, 1, 25, 53], [157, 1, 3, 1, 13, 9, 35, 107], [167, 1, 3, 1, 5, 27, 61, 31], [171, 1, 1, 5, 11, 19, 41, 61],
        [185, 1, 3, 5, 3, 3, 13, 69], [191, 1, 1, 7, 13, 1, 19, 1], [193, 1, 3, 7, 5, 13, 19, 59], [203, 1, 1, 3, 9, 25, 29, 41],
        [211, 1, 3, 5, 13, 23, 1, 55], [213, 1, 3, 7, 3, 13, 59, 17], [229, 1, 3, 1, 3, 5, 53, 69], [239, 1, 1, 5, 5, 23, 33, 13],
        [241, 1, 1, 7, 7, 1, 61, 123], [247, 1, 1, 7, 9, 13, 61, 49], [253, 1, 3, 3, 5, 3, 55, 33], [285, 1, 3, 1, 15, 31, 13, 49, 245],
        [299, 1, 3, 5, 15, 31, 59, 63, 97], [301, 1, 3, 1, 11, 11, 11, 77, 249], [333, 1, 3, 1, 11, 27, 43, 71, 9],
        [351, 1, 1, 7, 15, 21, 11, 81, 45], [355, 1, 3, 7, 3, 25, 31, 65, 79], [357, 1, 3, 1, 1, 19, 11, 3, 205],
        [361, 1, 1, 5, 9, 19, 21, 29, 157], [369, 1, 3, 7, 11, 1, 33, 89, 185], [391, 1, 3, 3, 3, 15, 9, 79, 71],
        [397, 1, 3, 7, 11, 15, 39, 119, 27], [425, 1, 1, 3, 1, 11, 31, 97, 225], [451, 1, 1, 1, 3, 23, 43, 57, 177],
        [463, 1, 3, 7, 7, 17, 17, 37, 71], [487, 1, 3, 1, 5, 27, 63, 123, 213], [501, 1, 1, 3, 5, 11, 43, 53, 133],
        [529, 1, 3, 5, 5, 29, 17, 47, 173, 479], [539, 1, 3, 3, 11, 3, 1, 109, 9, 69], [545, 1, 1, 1, 5, 17, 39, 23, 5, 343],
        [557, 1, 3, 1, 5, 25, 15, 31, 103, 499], [563, 1, 1, 1, 11, 11, 17, 63, 105, 183], [601, 1, 1, 5, 11, 9, 29, 97, 231, 363],
        [607, 1, 1, 5, 15, 19, 45, 41, 7, 383], [617, 1, 3, 7, 7, 31, 19, 83, 137, 221], [623, 1, 1, 1, 3, 23, 15, 111, 223, 83],
        [631, 1, 1, 5, 13, 31, 15, 55, 25, 161], [637, 1, 1, 3, 13, 25, 47, 39, 87, 257],
    ]
}
