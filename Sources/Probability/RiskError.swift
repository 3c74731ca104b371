/// Why a risk measure or a statistic gives no number.
public enum RiskError: Error, Equatable, CustomStringConvertible {
    case tooFewObservations(found: Int, needed: Int)
    case nonFinite(index: Int, value: Double)
    /// Isoelastic utility is defined for positive wealth only.
    case nonPositiveWealth(index: Int, wealth: Double)
    case parameterOutOfRange(measure: String, parameter: String, found: Double, expected: String)
    case unknownMeasure(found: String, known: [String])
    case missingParameter(measure: String, parameter: String)
    case unknownParameter(measure: String, found: String, known: [String])

    public var description: String {
        switch self {
        case .tooFewObservations(let found, let needed):
            "\(found) observations where at least \(needed) are needed"
        case .nonFinite(let index, let value):
            "observation \(index) is \(value); every observation must be finite"
        case .nonPositiveWealth(let index, let wealth):
            "wealth of observation \(index) is \(wealth); isoelastic utility needs positive wealth: raise the endowment"
        case .parameterOutOfRange(let measure, let parameter, let found, let expected):
            "\(parameter) of \(measure) is \(found), expected \(expected)"
        case .unknownMeasure(let found, let known):
            "unknown risk measure \"\(found)\", expected one of \(known.joined(separator: ", "))"
        case .missingParameter(let measure, let parameter):
            "\(measure) needs \(parameter)"
        case .unknownParameter(let measure, let found, let known):
            known.isEmpty
                ? "\(measure) takes no parameter, found \"\(found)\""
                : "\(measure) has no parameter \"\(found)\", it takes \(known.joined(separator: ", "))"
        }
    }
}
