/// A book that cannot be held.
public enum BookError: Error, Equatable, CustomStringConvertible {
    case quantityNotFinite(position: Int, found: Double)
    case strikeNotPositive(position: Int, found: Double)
    case expired(position: Int, expiry: Timestamp, at: Timestamp)
    /// Options that are summed up must pay in one currency and on one underlying.
    case mixed(underlyings: [Currency], settlements: [Settlement])

    public var description: String {
        switch self {
        case .quantityNotFinite(let position, let found): "position \(position): quantity \(found) is no finite number"
        case .strikeNotPositive(let position, let found): "position \(position): strike \(found) is not positive and finite"
        case .expired(let position, let expiry, let time): "position \(position): it expired at \(expiry), the market is of \(time)"
        case .mixed(let underlyings, let settlements):
            "one book must have one underlying and one settlement, found \(underlyings.map(\.rawValue).joined(separator: ", ")) and "
                + settlements.map(\.rawValue).joined(separator: ", ")
        }
    }
}

extension Book {
    /// One position per instrument and venue, in order of first appearance; those that cancel out are gone.
    public var netted: Book {
        struct Key: Hashable {
            let instrument: Instrument
            let venue: VenueName
        }
        var slots: [Key: Int] = [:]
        var sums: [Position] = []
        for position in positions {
            let key = Key(instrument: position.instrument, venue: position.venue)
            if let slot = slots[key] {
                sums[slot].quantity += position.quantity
            } else {
                slots[key] = sums.count
                sums.append(position)
            }
        }
        return Book(sums.filter { $0.quantity != 0 })
    }

    /// The signed quantity of an instrument over all venues.
    public func quantity(of instrument: Instrument) -> Double {
        positions.reduce(0) { $1.instrument == instrument ? $0 + $1.quantity : $0 }
    }

    /// Options alone, as (contract, quantity).
    public var options: [(contract: OptionContract, quantity: Double)] {
        positions.compactMap { position in
            guard case .option(let contract) = position.instrument else { return nil }
            return (contract, position.quantity)
        }
    }

    public var underlyings: Set<Currency> { Set(positions.map(\.instrument.underlying)) }

    /// Finite quantities and possible strikes; with a time, nothing that has expired by then.
    public func validate(at time: Timestamp? = nil) throws(BookError) {
        for (index, position) in positions.enumerated() {
            guard position.quantity.isFinite else { throw .quantityNotFinite(position: index, found: position.quantity) }
            if case .option(let contract) = position.instrument, !(contract.strike > 0 && contract.strike.isFinite) {
                throw .strikeNotPositive(position: index, found: contract.strike)
            }
            if let time, let expiry = position.instrument.expiry, expiry <= time {
                throw .expired(position: index, expiry: expiry, at: time)
            }
        }
    }

    /// The one underlying and settlement of the book's options and futures, spot aside.
    public func unit() throws(BookError) -> (underlying: Currency, settlement: Settlement)? {
        let underlyings = underlyings.sorted()
        var settlements: [Settlement] = []
        for position in positions {
            if case .spot = position.instrument { continue }
            if !settlements.contains(position.instrument.settlement) { settlements.append(position.instrument.settlement) }
        }
        guard underlyings.count <= 1, settlements.count <= 1 else { throw .mixed(underlyings: underlyings, settlements: settlements) }
        guard let underlying = underlyings.first else { return nil }
        return (underlying, settlements.first ?? .linear)
    }
}
