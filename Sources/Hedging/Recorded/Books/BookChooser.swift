import Market
import Probability
import RealModule

/// A book at a start, by the tape's numbers.
struct BookHolding: Sendable {
    var start: Int
    var positions: [(number: Int, quantity: Double)]
    var hedges: [Int]
}

/// Which books begin where, and what hedges them.
struct BookChooser {
    let tape: ChainTape
    let settings: RecordedBookMarket.Settings
    let currency: Currency

    func choose(_ claim: BookClaim, seed: UInt64) throws(BookClaimError) -> [BookHolding] {
        switch claim {
        case .random(let options, let count): try random(options: options, count: count, seed: seed)
        case .positions(let positions): try fixed(positions)
        }
    }

    /// Snapshots a path can begin at, every `startEvery`-th from the first, with their two hedge options.
    private func starts() -> [(start: Int, hedges: [Int])] {
        stride(from: 0, to: tape.times.count - settings.holdSnapshots, by: settings.startEvery).compactMap { step in
            let time = tape.times[step]
            guard settings.from.map({ time >= $0 }) ?? true, settings.to.map({ time < $0 }) ?? true else { return nil }
            guard let near = hedge(at: step, within: settings.nearDays, target: settings.nearTarget),
                let far = hedge(at: step, within: settings.farDays, target: settings.farTarget)
            else { return nil }
            return (step, [near, far])
        }
    }

    /// The liquid option nearest to the money of the expiry nearest to the target.
    private func hedge(at step: Int, within days: ClosedRange<Double>, target: Double) -> Int? {
        func rank(_ number: Int) -> (Double, Double, Double)? {
            let contract = tape.contract(number)
            let toExpiry = tape.times[step].years(to: contract.expiry) * 365
            guard days.contains(toExpiry), let row = tape.row(number, at: step) else { return nil }
            let k = Double.log(contract.strike / row.forward)
            // Of a strike's two options the one out of the money is the more liquid.
            return ((toExpiry - target).magnitude, k.magnitude, contract.kind.sign * k >= 0 ? 0 : 1)
        }
        return tape.liquid[step].compactMap { number in rank(number).map { (number, $0) } }.min { $0.1 < $1.1 }?.0
    }

    /// Books spread evenly over the starts. Book b draws from the stream's path b alone: more books leave the first ones as they are,
    /// up to where they start.
    private func random(options: Int, count: Int, seed: UInt64) throws(BookClaimError) -> [BookHolding] {
        let starts = starts().filter { tape.liquid[$0.start].count >= options }
        guard !starts.isEmpty else { throw .noStart(options: options, snapshots: tape.times.count) }
        let stream = RandomStream(seed: seed, purpose: .evaluationPaths)
        return (0..<count).map { book in
            let (start, hedges) = starts[book * starts.count / max(count, 1)]
            // The first `options` of a shuffle.
            var candidates = tape.liquid[start]
            let positions = (0..<options).map { i in
                let pick = i + Int(stream.uniform(path: book, step: i, dimension: 0) * Double(candidates.count - i))
                candidates.swapAt(i, min(pick, candidates.count - 1))
                return (number: candidates[i], quantity: stream.normal(path: book, step: i, dimension: 2))
            }
            return BookHolding(start: start, positions: positions, hedges: hedges)
        }
    }

    private func fixed(_ positions: [Position]) throws(BookClaimError) -> [BookHolding] {
        var book: [(number: Int, quantity: Double)] = []
        for position in positions {
            guard case .option(let contract) = position.instrument else { continue }
            guard contract.underlying == currency, let number = tape.number(of: contract) else { throw .notListed(contract) }
            book.append((number, position.quantity))
        }
        guard !book.isEmpty else { throw .noOptions }
        let all = starts()
        guard !all.isEmpty else { throw .noStart(options: book.count, snapshots: tape.times.count) }
        let holdings = all.filter { start in
            book.allSatisfy { tape.isListed($0.number, at: start.start) && tape.contract($0.number).expiry > tape.times[start.start] }
        }
        .map { BookHolding(start: $0.start, positions: book, hedges: $0.hedges) }
        if holdings.isEmpty {
            let never = book.first { option in !all.contains { tape.isListed(option.number, at: $0.start) } } ?? book[0]
            throw .notListed(tape.contract(never.number))
        }
        return holdings
    }
}
