public import Features
public import Market
public import StrictJSON

/// The reply of `POST /v1/features`: what models read of a market, an inventory and an account, by the code that offline training uses.
public struct FeatureReply: Sendable {
    public let state: MarketState
    public let pipeline: FeaturePipeline

    /// - Parameter past: The markets before and what was recorded beside them; what is later than this one is not seen.
    public init(
        _ market: FittedMarket, past: MarketHistory, book: Book, account: Account = Account(), pipeline: FeaturePipeline = FeaturePipeline()
    ) throws(AdviceError) {
        guard let observed = market.observed else { throw .noSurface }
        state = MarketState(observed, book: book, past: past, account: account)
        self.pipeline = pipeline
    }

    public func json() -> JSONValue {
        let absent = pipeline.absent(in: [state])
        return [
            "currency": .string(state.currency.rawValue), "marketTime": .string(String(state.time.nanoseconds)),
            "features": .object(zip(pipeline.names, pipeline.row(state)).map { JSONValue.Member($0.rawValue, .number($1)) }),
            "absent": .array(pipeline.names.filter { absent[$0] != nil }.map { .string($0.rawValue) }),
        ]
    }
}
