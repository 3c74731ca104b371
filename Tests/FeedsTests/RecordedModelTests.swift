import Feeds
import Market
import Surface
import Testing

/// Heston-type models of real snapshots.
@Suite("Models of recorded chains", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"), .serialized)
struct RecordedModelTests {
    @Test(
        "ten snapshots over six months: the richer the model, the more liquid quotes it prices inside bid and ask",
        arguments: ["BTC", "ETH"] as [Currency])
    func tenSnapshots(currency: Currency) throws {
        let all = try RecordedChains.snapshots(at: RealChains.chains, selecting: .init(currency: currency))
        let chosen = (0..<10).map { all[(2 * $0 + 1) * all.count / 20] }
        let clock = ContinuousClock()
        let start = clock.now
        let studies = ModelCalibration.Family.allCases.map { family in
            ModelStudy.run(snapshots: chosen, calibration: ModelCalibration(family: family)) { start.duration(to: clock.now) / .seconds(1) }
        }
        for study in studies {
            print("\(currency) \(study)")
            #expect(study.snapshots == 10 && study.lost == 0)
        }
        for (smaller, larger) in zip(studies, studies.dropFirst()) {
            #expect(larger.insideBidAsk > smaller.insideBidAsk - 0.005 && larger.meanError < smaller.meanError * 1.005)
        }
        // Strikes that no fit has seen are priced about as well as the others.
        for study in studies { #expect((study.insideBidAsk - study.insideBidAskHeldBack).magnitude < 0.04) }
        #expect(studies[0].insideBidAskHeldBack > 0.58 && studies[2].insideBidAskHeldBack > 0.67)
    }
}
