public import Features

/// How markets of several assets name what belongs to one of them: by its number, counted from 1, as in `log-moneyness.2` and `spot.2`.
/// Markets of one asset write no number.
public enum AssetNumber {
    public static func name(_ name: String, asset: Int?) -> String { asset.map { "\(name).\($0)" } ?? name }

    /// The number that a name ends with; nil where it has none.
    public static func of(_ name: String) -> Int? { split(name)?.asset }

    /// The name without its number, and the number. The point of `call-100.5` follows a digit and begins none.
    static func split(_ name: String) -> (name: String, asset: Int)? {
        guard let point = name.lastIndex(of: "."), point > name.startIndex else { return nil }
        let digits = name[name.index(after: point)...]
        guard !name[name.index(before: point)].isNumber, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(digits).map { (String(name[..<point]), $0) }
    }
}

extension FeatureName {
    /// The same column of one asset among several; itself where there is no number.
    public func ofAsset(_ number: Int?) -> FeatureName { FeatureName(rawValue: AssetNumber.name(rawValue, asset: number)) }
}

extension HedgeInstrument {
    /// Which of several assets it belongs to, counted from 1; nil in markets of one.
    public var asset: Int? { AssetNumber.of(name) }
}
