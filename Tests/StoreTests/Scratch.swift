import Foundation

/// An empty directory that vanishes with the test.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("hedge-store-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Names in the directory, in order.
    func names(_ directory: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? url.path : file(directory).path).sorted()
    }
}

/// A committed file that the reference implementation wrote.
func fixture(_ name: String, from source: String = #filePath) -> URL {
    URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("References/safetensors").appendingPathComponent(name)
}
