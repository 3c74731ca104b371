/// Written by Tests/References/adamw_torch.py with PyTorch 2.13.0+cpu; not by hand.
struct AdamWReference: Sendable {
    let name: String
    let weightDecay: Float
    let gradientNorm: Float?
    /// After the first, the tenth and the last step.
    let parameters: [[Float]]

    static let curvature: [Float] = [4.0, 1.0, 0.5, 9.0]
    static let target: [Float] = [0.5, -1.0, 2.0, 0.1]
    static let start: [Float] = [1.0, 0.3, -0.4, 0.8]
    static let steps = 40
    static let schedule = (peak: 0.1, floor: 0.01, warmup: 5)

    static let all = [
        AdamWReference(
            name: "plain", weightDecay: 0.0, gradientNorm: nil,
            parameters: [
                [0.980000019, 0.280000001, -0.379999995, 0.780000031],
                [0.359786928, -0.463695496, 0.382662743, 0.0771750957],
                [0.86296767, -1.43379319, 1.55059552, 0.0769916698],
            ]),
        AdamWReference(
            name: "decay", weightDecay: 0.2, gradientNorm: nil,
            parameters: [
                [0.976000011, 0.278800011, -0.378399998, 0.776800036],
                [0.300162166, -0.451660365, 0.387981683, 0.0255971551],
                [0.775592327, -1.2058773, 1.32745647, 0.0939247385],
            ]),
        AdamWReference(
            name: "clipping", weightDecay: 0.0, gradientNorm: 0.8,
            parameters: [
                [0.980000019, 0.280000001, -0.379999995, 0.780000031],
                [0.396920919, -0.507950783, 0.406273842, 0.0239203945],
                [0.959772944, -1.9130801, 1.84743416, 0.0918432176],
            ]),
        AdamWReference(
            name: "both", weightDecay: 0.2, gradientNorm: 0.8,
            parameters: [
                [0.976000011, 0.278800011, -0.378399998, 0.776800036],
                [0.3721973, -0.498479545, 0.410155565, -0.0237323008],
                [0.88867259, -1.66013348, 1.61212862, 0.0823973194],
            ]),
    ]
}
