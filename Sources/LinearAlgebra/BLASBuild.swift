import COpenBLAS

/// Which OpenBLAS this process runs on.
public struct BLASBuild: Sendable, Equatable {
    /// The library's own words: version, threading, what it was built for.
    public let configuration: String
    /// The kernels chosen for this processor, such as `SkylakeX`.
    public let kernel: String
    public let processors: Int

    public static var current: BLASBuild {
        BLASBuild(
            configuration: openblas_get_config().map { String(cString: $0) } ?? "unknown",
            kernel: openblas_get_corename().map { String(cString: $0) } ?? "unknown", processors: Int(openblas_get_num_procs()))
    }
}
