import Reporting
import Testing

@Suite("A recording over time")
struct RecordingQualityTests {
    static func quality(bad: Int) -> RecordingQuality {
        var points: [RecordingQuality.Point] = []
        for number in 0..<8 {
            let share: Double? = number == 5 ? nil : 0.9 + Double(number) / 100
            points.append(.init(day: Double(number) / 4, options: 100, liquid: 60, badQuotes: number == 3 ? bad : 0, insideBidAsk: share))
        }
        return RecordingQuality(name: "week", firstDay: "2026-01-01", series: [.init(currency: "ETH", points: points)])
    }

    @Test("a day's figure is the median of the snapshots that have a surface")
    func daily() {
        let daily = Self.quality(bad: 0).series[0].daily
        #expect(daily.map(\.day) == [0, 1])
        #expect((daily[0].insideBidAsk - 0.915).magnitude < 1e-12 && (daily[1].insideBidAsk - 0.96).magnitude < 1e-12)
    }

    @Test("bad quotes are drawn where there are any; no figure is without a number")
    func figure() {
        let (clean, dirty) = (Self.quality(bad: 0).figure, Self.quality(bad: 2).figure)
        #expect(clean.panels.count == 3 && dirty.panels.count == 4)
        #expect(
            clean.panels[1].series[0].y == Array(repeating: 6.0, count: 7) && clean.panels[2].series[0].y == Array(repeating: 0.6, count: 8)
        )
        #expect(dirty.panels[3].series[0].y[3] == 0.02)
        #expect(dirty.svg.contains("ETH") && !dirty.svg.contains("nan"))
        #expect(Self.quality(bad: 0).series[0].text.contains("┤"))
    }
}
