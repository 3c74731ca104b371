public import StrictJSON

/// What `manifest.json` says of a dataset.
public struct DatasetManifest: Sendable, Equatable, Codable {
    public static let format = 1

    public enum Origin: String, Sendable, Codable {
        /// Made by a simulator of this house; `generator` says how.
        case simulated
        /// Taken from a venue.
        case recorded
    }

    /// One file of the dataset.
    public struct File: Sendable, Equatable, Codable {
        /// Relative to the dataset's directory, with '/' between parts.
        public var path: String
        public var sha256: String
        public var bytes: Int
        /// Records without header lines; nil where the file has no records.
        public var rows: Int?

        public init(path: String, sha256: String, bytes: Int, rows: Int? = nil) {
            self.path = path
            self.sha256 = sha256
            self.bytes = bytes
            self.rows = rows
        }
    }

    /// First and last moment, ISO 8601 in UTC.
    public struct Span: Sendable, Equatable, Codable {
        public var from: String
        public var to: String

        public init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    public var formatVersion: Int
    public var name: String
    /// One or two sentences.
    public var about: String
    public var origin: Origin
    /// Where it came from: the venue and endpoint, or the simulator.
    public var source: String
    /// SPDX identifier where there is one; `none` where nobody gave a licence, which forbids committing it.
    public var licence: String
    public var currency: String
    /// Name of the decoder that reads the files: `hedge-chains`, `deribit-chains`, `price-history`.
    public var layout: String
    /// Unit of every column, by its name.
    public var units: [String: String]
    public var span: Span
    /// Records of all files together.
    public var rows: Int
    /// Simulator, parameters and seed; enough to make the same bytes again. Null for recorded data.
    public var generator: JSONValue
    public var codeVersion: String
    public var files: [File]

    /// A dataset before its files are counted: the store adds `files` and `rows`.
    public init(
        name: String, about: String, origin: Origin, source: String, licence: String, currency: String, layout: String,
        units: [String: String], span: Span, generator: JSONValue = .null, codeVersion: String = CodeVersion.package
    ) {
        formatVersion = Self.format
        self.name = name
        self.about = about
        self.origin = origin
        self.source = source
        self.licence = licence
        self.currency = currency
        self.layout = layout
        self.units = units
        self.span = span
        rows = 0
        self.generator = generator
        self.codeVersion = codeVersion
        files = []
    }
}

/// Why a dataset cannot be made or used.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
    case unknownDataset(String, store: String, known: [String])
    case pathOutside(file: String, path: String)
    case missingFile(String)
    case checksumMismatch(file: String, found: String, expected: String)
    /// A file that the manifest does not list.
    case unlistedFile(String)
    case caseTwin(String, existing: String)
    /// Another process is making the dataset.
    case draftInUse(String)
    /// A file of a draft is shorter than its record says.
    case draftDamaged(file: String, found: Int, expected: Int, record: String)

    public var description: String {
        switch self {
        case .unknownDataset(let name, let store, let known):
            "no dataset '\(name)' in \(store); "
                + (known.isEmpty
                    ? "there are none yet: make one with 'hedge data simulate' or 'hedge data import'"
                    : "there are: \(known.joined(separator: ", "))")
        case .pathOutside(let file, let path): "\(file): the path '\(path)' leads out of the dataset; expected a relative path without '..'"
        case .missingFile(let file): "\(file) is missing, though the manifest lists it. Restore it or import the data again"
        case .checksumMismatch(let file, let found, let expected):
            "\(file): SHA-256 is \(found.prefix(12))..., the manifest says \(expected.prefix(12))...: the file was changed. "
                + "Restore it or import the data again"
        case .unlistedFile(let file): "\(file) is not listed in the manifest. Take it away or import the data again"
        case .draftInUse(let path): "another import is at work in \(path); wait for it, or choose another name"
        case .draftDamaged(let file, let found, let expected, let record):
            "\(file) has \(max(found, 0)) bytes, \(record) says at least \(expected): the work that was cut short cannot go on; begin anew"
        case .caseTwin(let name, let existing):
            "'\(name)' differs from the existing '\(existing)' only in the case of letters; choose another name"
        }
    }
}
