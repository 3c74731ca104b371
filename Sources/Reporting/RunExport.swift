public import Foundation
public import Store

/// A run as a folder for people: `run.json`, every table as Parquet and CSV, `comparison.ipynb` with its outputs and, where something was
/// trained, `training.svg`.
public struct RunExport: Sendable {
    /// How the notebook got its outputs.
    public enum Outputs: Sendable, Equatable {
        /// Python ran it; seconds.
        case executed(seconds: Double)
        /// Drawn here: pictures as SVG, tables as HTML.
        case drawn(reason: String)

        public var description: String {
            switch self {
            case .executed(let seconds): "executed with Python in \(DecimalText.fixed(seconds, decimals: 1)) s"
            case .drawn(let reason): "pictures drawn without Python: \(reason)"
            }
        }
    }

    public static let notebookFile = "comparison.ipynb"
    public static let curveFile = "training.svg"

    public var tables: ComparisonTables
    public var record: RunRecord
    /// Nil where nothing was trained.
    public var training: TrainingCurve?

    public init(_ tables: ComparisonTables, record: RunRecord, training: TrainingCurve? = nil) {
        self.tables = tables
        self.record = record
        self.training = training
    }

    /// Writes the folder whole, replacing one of the same name.
    ///
    /// - Parameter python: Runs the notebook, if given and able to; else the outputs drawn here stay.
    @discardableResult
    public func write(to store: RunStore, python: NotebookRunner? = NotebookRunner.find()) throws -> Outputs {
        var outputs = Outputs.drawn(
            reason: "no Python with nbconvert, ipykernel, pandas and matplotlib was found; 'pip install' them to run it")
        try store.save(record) { directory in
            var files = tables.files
            if let training {
                files.append(("training", training.table))
                try Data(training.figure.svg.utf8).write(to: directory.appendingPathComponent(Self.curveFile))
            }
            for (name, table) in files {
                try Parquet.encoded(table).write(to: directory.appendingPathComponent(name + ".parquet"))
                try Data(table.csv.utf8).write(to: directory.appendingPathComponent(name + ".csv"))
            }
            let notebook = directory.appendingPathComponent(Self.notebookFile)
            let drawn = Data(ComparisonNotebook(tables).notebook.text.utf8)
            try drawn.write(to: notebook)
            guard let python else { return }
            let start = Date()
            if let failure = python.execute(notebook) {
                try drawn.write(to: notebook)
                outputs = .drawn(reason: "running the notebook failed: \(failure)")
            } else {
                outputs = .executed(seconds: Date().timeIntervalSince(start))
            }
        }
        return outputs
    }
}

/// A Python that can run notebooks.
public struct NotebookRunner: Sendable {
    public let python: URL

    public init(python: URL) { self.python = python }

    /// The first of `HEDGE_PYTHON`, `.venv/bin/python` in the current directory and `python3` that has what the notebook imports.
    public static func find(environment: [String: String] = ProcessInfo.processInfo.environment) -> NotebookRunner? {
        var candidates: [String] = []
        if let named = environment["HEDGE_PYTHON"], !named.isEmpty { candidates.append(named) }
        candidates.append(FileManager.default.currentDirectoryPath + "/.venv/bin/python")
        candidates += environment["PATH", default: ""].split(separator: ":").map { $0 + "/python3" }
        for candidate in candidates where FileManager.default.isExecutableFile(atPath: candidate) {
            let runner = NotebookRunner(python: URL(fileURLWithPath: candidate))
            if runner.run(["-c", "import nbconvert, ipykernel, pandas, matplotlib"], in: nil) == nil { return runner }
        }
        return nil
    }

    /// Runs a notebook in place, in its own directory.
    ///
    /// - Returns: What went wrong, in a line; nil where all cells ran.
    public func execute(_ notebook: URL) -> String? {
        run(
            [
                "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "--log-level", "ERROR",
                "--ExecutePreprocessor.record_timing=False",
                "--ExecutePreprocessor.timeout=300", notebook.lastPathComponent,
            ], in: notebook.deletingLastPathComponent())
    }

    private func run(_ arguments: [String], in directory: URL?) -> String? {
        let process = Process()
        process.executableURL = python
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = directory }
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { return "\(python.path) does not start" }
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return nil }
        return text.split(separator: "\n").last.map(String.init) ?? "exit status \(process.terminationStatus)"
    }
}
