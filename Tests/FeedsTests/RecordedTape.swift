import Features
import Feeds
import Foundation
import LinearAlgebra
import Market
import RealModule

/// Snapshots and, beside them, a made-up past of everything else a feature may look at: prices, funding, quotes, trades, fills.
struct RecordedTape {
    var snapshots: [MarketSnapshot]
    /// From here on, exclusive, everything is corrupted; nil for the truth.
    var corruptedAfter: Timestamp?

    init(_ snapshots: [MarketSnapshot]) { self.snapshots = snapshots }

    /// The chains of the dataset in this repository, forty snapshots of it.
    static func simulated() throws -> RecordedTape {
        let path = RealChains.root.appendingPathComponent("datasets/simulated-chains").path
        return RecordedTape(Array(try RecordedChains.snapshots(at: path).prefix(40)))
    }

    /// The last ten days of January: the perpetual is recorded.
    static func real(_ currency: Currency) throws -> RecordedTape {
        RecordedTape(
            try RecordedChains.snapshots(
                at: RealChains.chains,
                selecting: SnapshotSelection(
                    currency: currency, from: Timestamp(milliseconds: 1_768_953_600_000), to: Timestamp(milliseconds: 1_769_817_600_000))))
    }

    /// The same recording in which nothing after a time is true: prices threefold, quotes senseless, trades the other way round.
    func corrupted(after time: Timestamp) -> RecordedTape {
        var tape = self
        tape.corruptedAfter = time
        tape.snapshots = snapshots.map { snapshot in
            guard snapshot.time > time else { return snapshot }
            var wild = snapshot
            wild.index *= 3
            wild.perpetual = Quote(mark: snapshot.index * 7)
            wild.fundingRate = -0.03
            wild.options = snapshot.options.map { option in
                var option = option
                option.forward *= 3
                option.index *= 3
                option.quote = Quote(
                    bid: option.quote.bid.map { $0 * 1.3 }, ask: option.quote.ask.map { $0 * 1.31 },
                    mark: option.quote.mark.map { $0 * 1.3 })
                option.markVolatility = option.markVolatility.map { 4 - $0 }
                option.openInterest += 1000
                option.volume *= 9
                return option
            }
            return wild
        }
        return tape
    }

    private var hours: Range<Int> {
        -24..<Int(snapshots[0].time.years(to: snapshots[snapshots.count - 1].time) * 8760) + 24
    }

    private func at(hours: Double) -> Timestamp { snapshots[0].time.adding(days: hours / 24) }

    /// The value, or what stands for it where nothing is true any more.
    private func told(_ value: Double, at time: Timestamp) -> Double {
        if let corruptedAfter, time > corruptedAfter { return 5 - 2 * value } else { return value }
    }

    /// Everything recorded beside the snapshots, over their whole span.
    var past: MarketHistory {
        let spot = snapshots[0].index
        let bars = stride(from: -2880.0, to: Double(hours.upperBound), by: 1 / 12.0).map { hour -> PriceBar in
            let time = at(hours: hour)
            return PriceBar(spot * Double.exp(0.01 * told(Double.sin(hour) + 0.3 * Double.sin(hour * hour), at: time)), at: time)
        }
        let option = snapshots[0].options.last!.contract
        return MarketHistory(
            prices: PriceHistory(bars),
            funding: hours.filter { $0 % 8 == 0 }.map { hour in
                let time = at(hours: Double(hour))
                return FundingPayment(time: time, rate: told(1e-4 * Double.cos(Double(hour)), at: time))
            },
            volatilityIndex: hours.map { hour in
                let time = at(hours: Double(hour))
                return IndexedVolatility(time: time, volatility: told(0.6 + 0.01 * Double.sin(Double(hour)), at: time))
            },
            quotes: stride(from: Double(hours.lowerBound), to: Double(hours.upperBound), by: 1 / 120.0).map { hour in
                let time = at(hours: hour)
                let shift = told(Double.sin(hour * 40), at: time)
                return TopOfBook(time: time, bid: spot + shift, bidSize: 4 + shift, ask: spot + shift + 1, askSize: 8 - shift)
            },
            trades: hours.flatMap { hour -> [MarketTrade] in
                let time = at(hours: Double(hour))
                let size = told(Double.sin(Double(hour) * 2.7), at: time)
                return [
                    MarketTrade(time: time, instrument: .option(option), quantity: size),
                    MarketTrade(time: time, instrument: .perpetual(underlying: option.underlying, settlement: .inverse), quantity: -size),
                ]
            },
            stablecoin: hours.map { hour in
                let time = at(hours: Double(hour))
                return StablecoinPrice(time: time, price: told(1 + 1e-3 * Double.sin(Double(hour)), at: time))
            })
    }

    func account(at _: Timestamp) -> Account {
        var venue = VenueAccount(venue: "deribit", balance: 20)
        (venue.defaultProbability, venue.lossGivenDefault, venue.exposureLimit, venue.haircut) = (0.02, 0.6, 30, 0.1)
        let book = book(at: snapshots[0].time)
        let fills = hours.filter { $0 % 7 == 0 }.map { hour in
            let time = at(hours: Double(hour))
            return Fill(time: time, instrument: book.positions[0].instrument, quantity: told(-1, at: time), netDelta: told(0.1, at: time))
        }
        return Account(equity: 18, initialMargin: 9, maintenanceMargin: 7, venues: [venue], fills: fills)
    }

    /// Every ninth option of the first snapshot, sold and bought in turn, and a perpetual.
    func book(at _: Timestamp) -> Book {
        let options = snapshots[0].options.enumerated().filter { $0.offset % 9 == 0 }.map(\.element.contract)
        return Book(
            options.enumerated().map { i, contract in Position(.option(contract), quantity: i % 3 == 0 ? 1.5 : -1) }
                + [Position(.perpetual(underlying: options[0].underlying, settlement: .inverse), quantity: 0.4)])
    }

    func states(workers: Workers = Workers(threads: 2)) -> [MarketState] {
        SnapshotPipeline().states(of: snapshots, past: past, workers: workers, book: book, account: account)
    }
}
