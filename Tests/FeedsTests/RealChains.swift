import Foundation

/// The recorded chains, which have no licence and so lie beside the checkout, where they are at all.
enum RealChains {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let data = root.deletingLastPathComponent().appendingPathComponent("shared/data").standardizedFileURL.path
    static let chains = data + "/deribit-chains-2026"
    static let prices = data + "/crypto-prices"
    static let present = FileManager.default.fileExists(atPath: chains)
}
