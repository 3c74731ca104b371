import Foundation
#if canImport(FoundationXML)
    import FoundationXML
#endif
import Reporting
import Store
import StrictJSON
import Testing

@Suite(.serialized) struct RunExportTests {
    /// Writes the sample run; into `HEDGE_KEEP_REPORT` where that is set, to be looked at.
    static func write(python: NotebookRunner?) throws -> (directory: URL, outputs: RunExport.Outputs) {
        let kept = ProcessInfo.processInfo.environment["HEDGE_KEEP_REPORT"].map { URL(fileURLWithPath: $0) }
        let root = kept ?? FileManager.default.temporaryDirectory.appendingPathComponent("hedge-report-\(UUID().uuidString)")
        let store = RunStore(root.appendingPathComponent(python == nil ? "drawn" : "executed"))
        let outputs = try RunExport(SampleComparison.tables, record: SampleComparison.record).write(to: store, python: python)
        return (try store.directory(of: StoreName("sample")), outputs)
    }

    static func remove(_ directory: URL) {
        guard ProcessInfo.processInfo.environment["HEDGE_KEEP_REPORT"] == nil else { return }
        try? FileManager.default.removeItem(at: directory.deletingLastPathComponent().deletingLastPathComponent())
    }

    @Test("a run's folder holds its record, every table twice and the notebook")
    func files() throws {
        let (directory, outputs) = try Self.write(python: nil)
        defer { Self.remove(directory) }
        let tables = ["differences", "frontier", "hedge-ratios", "months", "profits", "strategies", "surface-fit", "surface-quotes"]
        let expected = tables.flatMap { [$0 + ".csv", $0 + ".parquet"] } + ["comparison.ipynb", "run.json"]
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == expected.sorted())
        guard case .drawn = outputs else { return #expect(Bool(false), "\(outputs)") }
    }

    @Test("the notebook is nbformat 4.5 with unique ids, a parameters cell, and an output for every cell that shows something")
    func notebook() throws {
        let (directory, _) = try Self.write(python: nil)
        defer { Self.remove(directory) }
        let notebook = try JSONValue.parse(try RegularFile.read(directory.appendingPathComponent("comparison.ipynb")))
        #expect(notebook["nbformat"] == 4)
        #expect(notebook["nbformat_minor"] == 5)
        let cells = try #require(notebook["cells"]?.arrayValue)
        let ids = cells.compactMap { $0["id"]?.stringValue }
        #expect(Set(ids).count == cells.count)
        let parameters = cells.filter { $0["metadata"]?["tags"] == ["parameters"] }
        #expect(parameters.count == 1)
        let silent = cells.filter { $0["cell_type"] == "code" && $0["outputs"] == [] }.compactMap { $0["id"]?.stringValue }
        #expect(silent == ["parameters", "setup"])
        let pictures = cells.flatMap { $0["outputs"]?.arrayValue ?? [] }.compactMap { $0["data"]?["image/svg+xml"]?.arrayValue }
        #expect(pictures.count == 5)
        for picture in pictures {
            let svg = picture.compactMap(\.stringValue).joined()
            #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
            #expect(!svg.contains("nan") && !svg.contains("inf"))
            #expect(try XMLDocument(xmlString: svg).rootElement()?.name == "svg")
        }
    }

    @Test("the findings stand in the notebook's text, with unit and interval")
    func findings() throws {
        let (directory, _) = try Self.write(python: nil)
        defer { Self.remove(directory) }
        let text = try String(contentsOf: directory.appendingPathComponent("comparison.ipynb"), encoding: .utf8)
        for finding in [
            "learned prices the risk at 2.531 USD, the best analytic hedge, whalley-wilmott, at 2.561 USD; the exact optimum is 2.525 USD",
            "learned less whalley-wilmott in price: -0.03 [-0.031, -0.029]; the interval excludes zero",
            "The fitted surface lies inside bid and ask at 76 of 80 quotes (95.0 %)", "in 6 of 6 months",
        ] { #expect(text.contains(finding), "\(finding)") }
    }

    @Test("the same comparison gives the same bytes")
    func deterministic() throws {
        let first = try Self.write(python: nil).directory
        let before = try RegularFile.read(first.appendingPathComponent("comparison.ipynb"))
        let second = try Self.write(python: nil).directory
        defer {
            Self.remove(first)
            Self.remove(second)
        }
        #expect(try RegularFile.read(second.appendingPathComponent("comparison.ipynb")) == before)
    }

    @Test("a comparison with strategies alone still makes a report")
    func smallest() throws {
        let tables = ComparisonTables(
            name: "sample", about: "Nothing but a line.", unit: "BTC", riskMeasure: "expected shortfall 0.95",
            strategies: [.init("delta", isLearned: false, figures: [.init("price", 0.01)])])
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("hedge-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try RunExport(tables, record: SampleComparison.record).write(to: RunStore(root), python: nil)
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("sample").path).sorted()
        #expect(names == ["comparison.ipynb", "run.json", "strategies.csv", "strategies.parquet"])
    }

    @Test("the notebook runs top to bottom with pandas and matplotlib", .enabled(if: NotebookRunner.find() != nil))
    func executed() throws {
        let (directory, outputs) = try Self.write(python: NotebookRunner.find())
        defer { Self.remove(directory) }
        guard case .executed = outputs else { return #expect(Bool(false), "\(outputs)") }
        let notebook = try JSONValue.parse(try RegularFile.read(directory.appendingPathComponent("comparison.ipynb")))
        let outputsOfCells = (notebook["cells"]?.arrayValue ?? []).flatMap { $0["outputs"]?.arrayValue ?? [] }
        #expect(outputsOfCells.allSatisfy { $0["output_type"] != "error" && $0["name"] != "stderr" })
        #expect(outputsOfCells.filter { $0["data"]?["image/png"] != nil }.count == 5)
    }
}
