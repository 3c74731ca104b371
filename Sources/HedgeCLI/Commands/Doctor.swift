import ArgumentParser
import Foundation
import LinearAlgebra
import Store

/// `hedge doctor`: versions, BLAS, folders, ports; what is wrong and how to mend it.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What is installed, what is missing and how to mend it.")

    @OptionGroup var output: OutputOptions

    struct Check: Encodable {
        enum State: String, Encodable {
            case fine, notice, wrong
        }
        var name: String
        var state: State
        var found: String
        var remedy: String?
    }

    func run() async throws {
        let checks = [
            Self.machine(), Self.compiler(), Self.blas(), Self.products(), Self.folder("models"), Self.folder("datasets"),
            Self.folder("notebooks-export"), Self.python(), Self.port(8080),
        ]
        if output.json {
            try Terminal.printJSON(["checks": checks])
        } else {
            print("hedge \(HedgeVersion.current)")
            for check in checks {
                let mark =
                    switch check.state {
                    case .fine: "ok   "
                    case .notice: "note "
                    case .wrong: "WRONG"
                    }
                print("\(mark)  \(check.name.padding(toLength: 18, withPad: " ", startingAt: 0))\(check.found)")
                if let remedy = check.remedy { print("       \(String(repeating: " ", count: 18))-> \(remedy)") }
            }
        }
        let wrong = checks.filter { $0.state == .wrong }
        guard wrong.isEmpty else { throw Failure.work("\(wrong.map(\.name).joined(separator: ", ")): see above.") }
    }

    private static func machine() -> Check {
        let process = ProcessInfo.processInfo
        let memory = Double(process.physicalMemory) / 0x1p30
        let found = "\(process.operatingSystemVersionString), \(process.activeProcessorCount) cores, \(String(format: "%.0f", memory)) GiB"
        return Check(name: "machine", state: .fine, found: found)
    }

    private static func compiler() -> Check {
        #if compiler(>=6.3)
            let version = "6.3 or later"
        #else
            let version = "6.2"
        #endif
        #if DEBUG
            return Check(
                name: "build", state: .notice, found: "Swift \(version), debug",
                remedy: "Numerics are slow without optimisation: swift build -c release --product hedge")
        #else
            return Check(name: "build", state: .fine, found: "Swift \(version), release")
        #endif
    }

    private static func blas() -> Check {
        let build = BLASBuild.current
        return Check(name: "BLAS", state: .fine, found: "\(build.configuration), kernel \(build.kernel), \(build.processors) processors")
    }

    /// A product and a solution with known answers: a library that loads but computes wrongly is found here.
    private static func products() -> Check {
        let size = 512
        let a = Matrix<Float>(rows: size, columns: size) { Float(($0 * 7 + $1 * 3) % 11) - 5 }
        var c = [Float](repeating: 0, count: size * size)
        let clock = ContinuousClock()
        var best = Duration.seconds(1000)
        for _ in 0..<5 {
            let time = clock.measure {
                Float.gemm(
                    transposeA: false, transposeB: false, m: size, n: size, k: size, alpha: 1, a.storage, lda: size, a.storage,
                    ldb: size, beta: 0, &c, ldc: size)
            }
            best = min(best, time)
        }
        let expected = (0..<size).reduce(Float(0)) { $0 + a[3, $1] * a[$1, 5] }
        guard c[3 * size + 5] == expected else {
            return Check(
                name: "matrix product", state: .wrong, found: "\(c[3 * size + 5]) where \(expected) is right",
                remedy: "The BLAS library computes wrongly. Reinstall it: apt-get install --reinstall libopenblas0-pthread")
        }
        let rate = 2 * pow(Double(size), 3) / best.seconds / 1e9
        return Check(
            name: "matrix product", state: .fine, found: String(format: "right, %.0f GFLOP/s single precision on one thread", rate))
    }

    private static func folder(_ name: String) -> Check {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue else {
            return Check(
                name: name, state: .notice, found: "no folder \(name) here",
                remedy: "Run hedge in the checkout, or it is made when first needed.")
        }
        guard files.isWritableFile(atPath: name) else {
            return Check(name: name, state: .wrong, found: "cannot be written", remedy: "chmod u+w \(name)")
        }
        let entries = (try? files.contentsOfDirectory(atPath: name).filter { !$0.hasPrefix(".") }.sorted()) ?? []
        return Check(name: name, state: .fine, found: entries.isEmpty ? "empty" : entries.joined(separator: ", "))
    }

    private static func python() -> Check {
        let files = FileManager.default
        guard files.isExecutableFile(atPath: ".venv/bin/python") else {
            return Check(
                name: "Python", state: .notice, found: "no .venv: exported notebooks cannot be run here", remedy: ".ci/python makes it.")
        }
        return Check(name: "Python", state: .fine, found: ".venv is there")
    }

    private static func port(_ number: UInt16) -> Check {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard bound == 0 else {
            return Check(
                name: "port \(number)", state: .notice, found: "taken on 127.0.0.1",
                remedy: "hedge serve --port \(number + 1), or end what holds it.")
        }
        return Check(name: "port \(number)", state: .fine, found: "free on 127.0.0.1")
    }
}
