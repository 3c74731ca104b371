import Features
import Hedging
import Learning
import LinearAlgebra
import RealModule

/// A learned hedge written a second time: one path and one `Double` at a time, straight from its definition.
struct ScalarPolicy {
    let policy: HedgePolicy
    /// What it is told, as the network reads it.
    var told: [Double] = []

    func softplus(_ z: Double) -> Double { Double.log(1 + Double.exp(z)) }

    /// Losses of all paths with those parameters.
    func losses(_ parameters: [Double], on paths: any HedgingPaths) -> [Double] {
        let batches = (0..<paths.steps).map {
            paths.decision(step: $0, holdings: Matrix(rows: paths.count, columns: policy.instruments.count))
        }
        let gains = (0..<paths.steps).map { paths.gains(step: $0) }
        let final = paths.finalPrices
        let count = policy.instruments.count
        let network = ScalarNetwork(architecture: policy.architecture)
        return (0..<paths.count).map { i in
            var loss = -paths.liabilityGains[i]
            var held = [Double](repeating: 0, count: count)
            var memory = [Double](repeating: 0, count: network.architecture.memory)
            for t in 0..<paths.steps {
                let batch = batches[t]
                let copies = policy.sharingAssets ?? 1
                let (features, heads) = (policy.features.count / copies, count / copies)
                let outputs = (0..<copies).map { copy in
                    var sample = (copy * features..<(copy + 1) * features).map { f in
                        (batch.features[policy.features[f]][i] - policy.standardizer.centers[f]) / policy.standardizer.scales[f]
                    }
                    sample += told
                    if policy.seesHoldings { sample += (copy * heads..<(copy + 1) * heads).map { held[$0] / policy.holdingScales[$0] } }
                    return network(parameters, sample, step: t, memory: &memory)
                }
                for j in 0..<count {
                    let asset = batch.instruments[j].asset
                    let isFirst = batch.instruments.firstIndex { $0.kind == .underlying && $0.asset == asset } == j
                    var center =
                        policy.center == .delta && isFirst
                        ? -batch.features[FeatureName.bookDelta.ofAsset(asset)][i] / batch.deltas[i, j] : 0
                    let scale = policy.holdingScales[j]
                    let (outputs, own) = (outputs[j / heads], j % heads)
                    var target = (policy.center == .holdings ? held[j] : center) + scale * outputs[own]
                    if policy.kind == .noTransactionBand {
                        if policy.learnsShift { center += scale * outputs[2 * heads + own] }
                        let low = center - scale * softplus(outputs[own])
                        let high = center + scale * softplus(outputs[heads + own])
                        target = held[j] < low ? low : held[j] > high ? high : held[j]
                    }
                    let cost = batch.instruments[j].cost
                    if let quoted = batch.unitCosts {
                        loss += quoted.cost(ofTrade: target - held[j], row: i, column: j)
                    } else if target != held[j] {
                        let trade = (target - held[j]).magnitude
                        loss += (cost.proportional * trade + cost.quadratic * trade * trade) * batch.prices[i, j].magnitude + cost.fixed
                    }
                    loss -= target * gains[t][i, j]
                    held[j] = target
                }
            }
            if paths.chargesUnwinding {
                for j in 0..<count {
                    let cost = batches[0].instruments[j].cost
                    if let quoted = paths.finalUnitCosts {
                        loss += quoted.cost(ofTrade: -held[j], row: i, column: j)
                    } else if held[j] != 0 {
                        let trade = held[j].magnitude
                        loss += (cost.proportional * trade + cost.quadratic * trade * trade) * final[i, j].magnitude + cost.fixed
                    }
                }
            }
            return loss
        }
    }
}
