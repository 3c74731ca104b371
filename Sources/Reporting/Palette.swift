/// One colour per strategy, the same in every plot of every report: the learned one stands out, all are told apart by colour-blind readers.
public enum Palette {
    public static let learned = "#d55e00"
    public static let exact = "#1a1a1a"
    public static let quotes = "#5a6872"
    public static let missed = "#aa0055"
    public static let ink = "#24292f"
    public static let faint = "#6e7781"
    public static let grid = "#e4e7eb"

    private static let known = [
        "learned": learned, "none": "#8c959f", "delta": "#0072b2", "net-delta": "#0072b2", "smile-delta": "#2a9d8f",
        "minimum-variance": "#009e73",
        "leland": "#56b4e9", "whalley-wilmott": "#aa4499", "hull-white": "#b08900", "ridge": "#6b4c9a", "tuned-band": "#44aa99",
        "delta-vega": "#88633b", "delta-vega-gamma": "#c0577c",
    ]
    private static let others = ["#4477aa", "#228833", "#ccbb44", "#66ccee", "#882255", "#999933", "#332288"]

    /// The colour of each of these strategies; unknown names take further colours in their order.
    public static func colours(_ strategies: [String]) -> [(strategy: String, colour: String)] {
        var used = 0
        var taken: Set<String> = []
        return strategies.map { strategy in
            var colour = known[strategy]
            while colour == nil || taken.contains(colour ?? "") {
                guard used < 2 * others.count else { break }
                colour = others[used % others.count]
                used += 1
            }
            taken.insert(colour ?? faint)
            return (strategy, colour ?? faint)
        }
    }
}
