// swift-tools-version: 6.2
// Each target imports only targets of lower floors; the floors are listed in README.md.
import PackageDescription

/// The highest floor to build. `HEDGE_FLOORS=4 swift test` is the numerics alone, without the server's packages.
let highestFloor = Int(Context.environment["HEDGE_FLOORS"] ?? "") ?? 7

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
]
// The vector kernels are compiled for AVX-512 and called only where the processor has it: see `VectorUnit`.
#if arch(x86_64)
    let wideVectors: [SwiftSetting] = [.unsafeFlags(["-Ounchecked", "-Xcc", "-march=x86-64-v4"])]
#else
    let wideVectors: [SwiftSetting] = []
#endif
let real: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let complex: Target.Dependency = .product(name: "ComplexModule", package: "swift-numerics")

/// A library target of one floor, and the test target that goes with it.
func library(
    floor: Int, _ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = [], resources: [Resource] = [],
    settings own: [SwiftSetting]? = nil
) -> [Target] {
    guard floor <= highestFloor else { return [] }
    return [
        .target(name: name, dependencies: dependencies, swiftSettings: own ?? settings),
        .testTarget(
            name: name + "Tests", dependencies: [.byName(name: name)] + dependencies + tests,
            resources: resources, swiftSettings: settings),
    ]
}

var dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1")
]
if highestFloor >= 5 {
    dependencies += [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")]
}
// The server's packages take minutes to build: Serving stands on floor 6 and comes with 7, so that reports are built without them.
if highestFloor >= 7 {
    dependencies += [
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ]
}

var targets: [Target] = [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]
targets += [.systemLibrary(name: "CVector")]
targets += library(floor: 0, "VectorKernels", ["CVector"], tests: [real], settings: settings + wideVectors)
targets += library(floor: 0, "LinearAlgebra", ["COpenBLAS", "CLAPACKE", "VectorKernels", real])
targets += library(floor: 0, "Probability", ["VectorKernels", real])
targets += library(floor: 0, "Market", [real])
targets += library(floor: 0, "StrictJSON", [])
targets += library(floor: 1, "Optimization", ["LinearAlgebra", real], tests: ["Probability"])
targets += library(floor: 1, "Pricing", ["Market", "Probability", "VectorKernels", real, complex])
targets += library(floor: 1, "Stochastics", ["Probability", "LinearAlgebra", "VectorKernels", real], tests: ["Pricing", "Market"])
targets += library(floor: 1, "Learning", ["VectorKernels", "LinearAlgebra", "Probability", real])
targets += library(
    floor: 2, "Surface", ["Market", "Pricing", "Stochastics", "Optimization", "LinearAlgebra", "Probability", real])
targets += library(floor: 3, "Features", ["Market", "Pricing", "Surface", "LinearAlgebra", "Probability", real])
targets += library(
    floor: 4, "Hedging",
    [
        "Market", "Pricing", "Stochastics", "Learning", "Surface", "Features", "LinearAlgebra", "Probability", "Optimization",
        "VectorKernels", real,
    ])
targets += library(
    floor: 5, "Evaluation",
    ["Hedging", "Features", "Market", "Stochastics", "Learning", "LinearAlgebra", "Probability", real])
targets += library(
    floor: 5, "Store",
    ["Hedging", "Features", "Learning", "Market", "LinearAlgebra", "StrictJSON", .product(name: "Crypto", package: "swift-crypto")])
targets += library(
    floor: 5, "Feeds", ["Market", "LinearAlgebra", "StrictJSON", "CZlib"],
    tests: ["Evaluation", "Hedging", "Features", "Surface", "Pricing", "Probability"])
targets += library(
    floor: 6, "Benchmarks",
    ["Feeds", "Hedging", "Features", "Stochastics", "Surface", "Pricing", "Market", "Optimization", "Probability", "LinearAlgebra", real])
targets += library(
    floor: 6, "Reporting",
    ["Evaluation", "Store", "StrictJSON", "Hedging", "Surface", "Features", "Market", "Stochastics", "Probability", "LinearAlgebra", real])
targets += library(
    floor: 7, "Serving",
    [
        "Evaluation", "Store", "Hedging", "Features", "Surface", "Market", "Pricing", "LinearAlgebra", "StrictJSON",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ])
if highestFloor >= 6 {
    targets += [.executableTarget(name: "HedgeBench", dependencies: ["Benchmarks", "LinearAlgebra"], swiftSettings: settings)]
}
if highestFloor >= 7 {
    targets += [
        .executableTarget(
            name: "HedgeCLI",
            dependencies: [
                "Serving", "Reporting", "Feeds", "Store", "Evaluation", "Hedging", "Features", "Surface", "Stochastics",
                "Learning", "Pricing", "Market", "Probability", "LinearAlgebra", "StrictJSON", "Benchmarks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .testTarget(name: "HedgeCLITests", dependencies: ["HedgeCLI", "Feeds", "Market"], swiftSettings: settings),
    ]
}

let package = Package(
    name: "hedge",
    products: highestFloor >= 7 ? [.executable(name: "hedge", targets: ["HedgeCLI"])] : [],
    dependencies: dependencies,
    targets: targets)
