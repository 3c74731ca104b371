public import Foundation

/// Data that a model or a run was made from.
public struct DataReference: Sendable, Equatable, Codable {
    public var name: String
    /// Content hash; for a dataset the hash of its manifest, which holds the hash of every file.
    public var sha256: String

    public init(name: String, sha256: String) {
        self.name = name
        self.sha256 = sha256
    }
}

/// Which code computed something.
public enum CodeVersion {
    /// Version of the package.
    public static let package = "0.1.0"

    /// `0.1.0+3fcaa3a1c2d4`, with `-modified` where the checkout differs from that commit; the bare package version outside a checkout.
    ///
    /// - Parameter directory: Where to look for the checkout: a directory in it.
    public static func current(in directory: URL = Bundle.main.bundleURL) -> String {
        guard let commit = git(["describe", "--always", "--exclude", "*", "--abbrev=12", "--dirty=-modified"], in: directory) else {
            return package
        }
        return "\(package)+\(commit)"
    }

    private static func git(_ arguments: [String], in directory: URL) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", directory.path] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return process.terminationStatus == 0 && !text.isEmpty ? text : nil
    }
}

/// The machine that computed something: results are equal to the last bit on the same kind only.
public struct Machine: Sendable, Equatable, Codable {
    public var processor: String
    public var cores: Int
    public var system: String
    /// Kernel that the BLAS library chose, where the caller knows it.
    public var blas: String?

    public init(processor: String, cores: Int, system: String, blas: String? = nil) {
        self.processor = processor
        self.cores = cores
        self.system = system
        self.blas = blas
    }

    public static func current(blas: String? = nil) -> Machine {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }
        let processor = model?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        return Machine(
            processor: processor, cores: ProcessInfo.processInfo.activeProcessorCount,
            system: ProcessInfo.processInfo.operatingSystemVersionString, blas: blas)
    }
}

/// UTC to the second, as files write it: `2026-11-23T11:00:00Z`.
public enum FileTime {
    public static func now() -> String { text(Date()) }
    public static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
