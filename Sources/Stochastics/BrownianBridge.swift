import RealModule

/// Standard normal increments of a path from normals that say where it ends first, then its middle, then the middles of the halves.
///
/// The first few decide most of the path, which is what points of low discrepancy are good at.
///
/// Reference: Caflisch, Morokoff, Owen, *Valuation of mortgage-backed securities using Brownian bridges to reduce effective
/// dimension*, J. Computational Finance 1 (1997).
struct BrownianBridge {
    /// W(place) = left·W(before) + right·W(after) + deviation·z, in the order the normals come; times in steps, W(0) = 0.
    private struct Link {
        let place: Int
        let before: Int
        let after: Int
        let left: Double
        let right: Double
        let deviation: Double
    }

    private let links: [Link]

    init(steps: Int) {
        var links = [Link(place: steps, before: 0, after: 0, left: 0, right: 0, deviation: Double(steps).squareRoot())]
        var gaps = [0..<steps]
        while !gaps.isEmpty {
            var halves: [Range<Int>] = []
            for gap in gaps where gap.count > 1 {
                let middle = (gap.lowerBound + gap.upperBound) / 2
                let (before, after) = (Double(middle - gap.lowerBound), Double(gap.upperBound - middle))
                let whole = before + after
                links.append(
                    Link(
                        place: middle, before: gap.lowerBound, after: gap.upperBound, left: after / whole, right: before / whole,
                        deviation: (before * after / whole).squareRoot()))
                halves += [gap.lowerBound..<middle, middle..<gap.upperBound]
            }
            gaps = halves
        }
        self.links = links
    }

    /// T columns of N normals to T columns of N increments of deviation 1.
    func increments(_ normals: [[Double]]) -> [[Double]] {
        precondition(normals.count == links.count, "\(normals.count) columns for \(links.count) steps")
        let count = normals[0].count
        var path = [[Double]](repeating: [], count: links.count + 1)
        path[0] = [Double](repeating: 0, count: count)
        for (link, z) in zip(links, normals) {
            let (before, after) = (path[link.before], path[link.after])
            path[link.place] = (0..<count).map { link.left * before[$0] + link.right * after[$0] + link.deviation * z[$0] }
        }
        return zip(path, path.dropFirst()).map { before, after in zip(after, before).map { $0 - $1 } }
    }
}
