import Market

/// Prices by QuantLib 1.44, from Tests/References/exotics.py. Rates are zero, years have 365 days.
enum ExoticReference {
    enum Knock: Sendable { case upIn, upOut, downIn, downOut }

    static let digitals:
        [(kind: OptionKind, strike: Double, spot: Double, days: Double, volatility: Double, price: Double, delta: Double, gamma: Double)] =
            [
                (.call, 100, 95, 30, 0.2, 0.177940193892, 0.0478245250766, 0.00760244343776),
                (.put, 100, 103, 90, 0.6, 0.519842320889, -0.0129840191002, 0.000105005755941),
                (.call, 80, 100, 365, 0.4, 0.639775537086, 0.00935495176157, -0.000177243331211),
            ]

    static let barriers:
        [(kind: OptionKind, strike: Double, barrier: Double, knock: Knock, spot: Double, days: Double, volatility: Double, price: Double)] =
            [
                (.call, 90, 110, .upIn, 101, 60, 0.35, 10.5924244937),
                (.call, 100, 110, .upIn, 101, 60, 0.35, 5.92726595413),
                (.call, 112, 110, .upIn, 101, 60, 0.35, 2.05128412363),
                (.call, 90, 110, .upOut, 101, 60, 0.35, 1.99575311029),
                (.call, 100, 110, .upOut, 101, 60, 0.35, 0.271400238221),
                (.call, 112, 110, .upOut, 101, 60, 0.35, 0),
                (.call, 90, 92, .downIn, 101, 60, 0.35, 2.65736247093),
                (.call, 100, 92, .downIn, 101, 60, 0.35, 0.727299555946),
                (.call, 112, 92, .downIn, 101, 60, 0.35, 0.113603966999),
                (.call, 90, 92, .downOut, 101, 60, 0.35, 9.93081513308),
                (.call, 100, 92, .downOut, 101, 60, 0.35, 5.47136663641),
                (.call, 112, 92, .downOut, 101, 60, 0.35, 1.93768015664),
                (.put, 90, 110, .upIn, 101, 60, 0.35, 0.109927494833),
                (.put, 100, 110, .upIn, 101, 60, 0.35, 0.686017454693),
                (.put, 112, 110, .upIn, 101, 60, 0.35, 3.09953382352),
                (.put, 90, 110, .upOut, 101, 60, 0.35, 1.47825010917),
                (.put, 100, 110, .upOut, 101, 60, 0.35, 4.51264873766),
                (.put, 112, 110, .upOut, 101, 60, 0.35, 9.95175030011),
                (.put, 90, 92, .downIn, 101, 60, 0.35, 1.58817760401),
                (.put, 100, 92, .downIn, 101, 60, 0.35, 5.00403902363),
                (.put, 112, 92, .downIn, 101, 60, 0.35, 10.8054526362),
                (.put, 90, 92, .downOut, 101, 60, 0.35, 0),
                (.put, 100, 92, .downOut, 101, 60, 0.35, 0.194627168724),
                (.put, 112, 92, .downOut, 101, 60, 0.35, 2.24583148742),
            ]

    static let lookbacks:
        [(kind: OptionKind, strike: Double?, extreme: Double, spot: Double, days: Double, volatility: Double, price: Double)] = [
            (.call, nil, 95, 101, 60, 0.35, 11.8743546),
            (.put, nil, 108, 101, 60, 0.35, 13.3531388),
            (.call, 100, 104, 101, 60, 0.35, 13.2209034),
            (.call, 110, 104, 101, 60, 0.35, 5.21525127),
            (.put, 100, 97, 101, 60, 0.35, 10.3516246),
            (.put, 90, 97, 101, 60, 0.35, 3.07152296),
            (.call, nil, 100, 100, 365, 0.2, 14.9842745),
            (.put, nil, 100, 100, 365, 0.2, 16.984275),
        ]

    static let averages:
        [(
            kind: OptionKind, strike: Double, spot: Double, past: Int, logSum: Double, fixings: Int, days: Double, volatility: Double,
            price: Double, delta: Double
        )] = [
            (.call, 100, 100, 0, 0, 30, 1, 0.2, 1.33975223801, 0.503412697071),
            (.put, 105, 101, 3, 13.8548216516485, 20, 3, 0.5, 6.4344843978, -0.551477033133),
            (.call, 90, 95, 1, 4.57471097850338, 4, 30, 0.8, 9.98155359677, 0.460219542366),
        ]

    static let forwardStarts:
        [(
            kind: OptionKind, moneyness: Double, spot: Double, start: Double, end: Double, volatility: Double, price: Double, delta: Double
        )] = [
            (.call, 1.0, 100, 10, 30, 0.2, 1.86753593374, 0.0186753593374),
            (.put, 1.1, 90, 60, 90, 0.6, 11.9432344542, 0.132702605047),
        ]
}
