import Foundation
import Testing

/// The built `hedge`, run as a process.
struct Hedge {
    var status: Int32
    var output: String
    var errors: String

    /// Products lie beside the test bundle, which is the running executable or was loaded by it.
    static let program: URL? = {
        var folders = [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
        if let executable = Bundle.main.executableURL { folders.append(executable.deletingLastPathComponent()) }
        folders += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        return folders.map { $0.appendingPathComponent("hedge") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @discardableResult
    init(_ arguments: [String], in folder: URL = Hedge.root) throws {
        let process = Process()
        process.executableURL = try #require(Self.program, "no hedge beside the tests; swift build builds it")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // What is said on stderr is a few lines and fits its pipe; stdout may be long and is drained first.
        output = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        errors = String(decoding: err.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }

    var json: [String: Any]? { (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] }
}

/// A folder that is gone after the test.
final class Scratch {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("hedge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }
    func write(_ name: String, _ data: Data) throws -> String {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
        return file.path
    }
    var entries: [String] { (try? FileManager.default.contentsOfDirectory(atPath: url.path).sorted()) ?? [] }
}

@Suite struct CommandTests {
    static let tiny = """
        name: tiny
        seed: 3
        market: {model: black-scholes, volatility: 0.2}
        calendar: {steps: 5}
        claim: {kind: call, strike: 100}
        costs: {proportional: 0.002}
        policy: {kind: no-transaction-band, hidden: [8]}
        training: {paths: 512, epochs: 20}
        evaluation: {paths: 4000, against: [delta, whalley-wilmott, none]}
        """
    static let chain = "datasets/simulated-chains/chains/eth-2026-01.csv.gz"

    @Test("compare prints one JSON object by the contract, nothing else on stdout, nothing on stderr")
    func compareJSON() throws {
        let scratch = try Scratch()
        let run = try Hedge(["compare", try scratch.write("tiny.yaml", Self.tiny), "--json"])
        #expect(run.status == 0 && run.errors.isEmpty)
        let object = try #require(run.json)
        #expect(object["experiment"] as? String == "tiny" && object["paths"] as? Int == 4000)
        #expect((object["exact"] as? [String: Any])?["method"] as? String == "dynamic-programming")
        let names = (object["strategies"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
        #expect(names == ["learned", "delta", "whalley-wilmott", "none"])
        #expect((object["paired"] as? [[String: Any]])?.count == 3)
    }

    @Test("price quotes both sides: learned and each rule, the exact optimum beside them, one JSON object or a table")
    func price() throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiny.yaml", Self.tiny)
        let run = try Hedge(["price", file, "--json"])
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let object = try #require(run.json)
        let rows = try #require(object["strategies"] as? [[String: Any]])
        #expect(rows.compactMap { $0["name"] as? String } == ["learned", "delta", "whalley-wilmott", "none"])
        func price(_ row: [String: Any]?, _ side: String) -> Double? { (row?[side] as? [String: Any])?["price"] as? Double }
        for row in rows { #expect(try #require(price(row, "buyer")) < #require(price(row, "seller"))) }
        let exact = try #require(object["exact"] as? [String: Double])
        #expect(try #require(exact["buyer"]) < #require(exact["seller"]))
        let table = try Hedge(["price", file, "--analytic-only"])
        #expect(table.status == 0 && table.output.contains("seller") && !table.output.contains("learned"), "\(table.output)")
        let quadratic = try scratch.write("quadratic.yaml", Self.tiny + "\nobjective: {risk: quadratic}\n")
        let refused = try Hedge(["price", quadratic])
        #expect(refused.status == 2 && refused.errors.contains("cash"), "\(refused.errors)")
    }

    @Test("the result does not depend on the threads")
    func threads() throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiny.yaml", Self.tiny)
        let runs = try ["1", "2"].map { try Hedge(["compare", file, "--json", "--threads", $0]).json }
        let prices = runs.map { (($0?["strategies"] as? [[String: Any]]) ?? []).compactMap { $0["price"] as? Double } }
        #expect(prices[0] == prices[1] && prices[0].count == 4)
    }

    @Test("an unknown key: exit 2, the line, the nearest key")
    func unknownKey() throws {
        let scratch = try Scratch()
        let file = try scratch.write("bad.yaml", Self.tiny.replacingOccurrences(of: "volatility:", with: "volatilty:"))
        let run = try Hedge(["compare", file])
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.contains("bad.yaml:3") && run.errors.contains("market.volatilty") && run.errors.contains("\"volatility\""))
    }

    @Test(
        "a value out of its range: exit 2, the path and what was expected",
        arguments: [
            ("strike: 100", "strike: -100", "claim.strike", "positive"), ("strike: 100", "strike: .nan", "claim.strike", "positive"),
            ("proportional: 0.002", "proportional: -1", "costs.proportional", "at least 0"),
            ("steps: 5", "steps: 0", "calendar.steps", "1 to"),
            ("[8]", "[eight]", "policy.hidden[0]", "whole number"), ("seed: 3", "seed: 3.5", "seed", "whole number"),
        ])
    func outOfRange(good: String, bad: String, path: String, expected: String) throws {
        let scratch = try Scratch()
        let run = try Hedge(["compare", try scratch.write("bad.yaml", Self.tiny.replacingOccurrences(of: good, with: bad))])
        #expect(run.status == 2 && run.errors.contains(path) && run.errors.contains(expected), "\(run.errors)")
    }

    @Test("usage errors exit 2, help and version exit 0")
    func usage() throws {
        for arguments in [
            ["compar"], ["compare"], ["compare", "no-such.yaml"], ["compare", "--threads", "0", "x"], ["models", "show", "../x"],
        ] {
            let run = try Hedge(arguments)
            #expect(run.status == 2 && run.output.isEmpty && !run.errors.isEmpty, "\(arguments) \(run)")
        }
        #expect(try Hedge(["--help"]).status == 0)
        #expect(try Hedge(["--version"]).output.hasPrefix("0."))
    }

    @Test("YAML that is none, is empty, is a list or uses anchors: exit 2", arguments: ["a: [1", "", "- 1\n- 2", "name: &a x\nseed: *a"])
    func notYAML(text: String) throws {
        let scratch = try Scratch()
        let run = try Hedge(["compare", try scratch.write("bad.yaml", text)])
        #expect(run.status == 2 && run.errors.contains("bad.yaml"), "\(run.errors)")
    }

    @Test("a gzip cut short: exit 3, the file named, no dataset left behind")
    func truncatedGzip() throws {
        let scratch = try Scratch()
        let whole = try Data(contentsOf: Hedge.root.appendingPathComponent(Self.chain))
        let file = try scratch.write("cut.csv.gz", whole.prefix(whole.count / 2))
        let datasets = scratch.url.appendingPathComponent("datasets")
        let run = try Hedge(["data", "import", "deribit-chains", file, "--to", "cut", "--datasets", datasets.path])
        #expect(run.status == 3 && run.errors.contains("cut.csv.gz"), "\(run.errors)")
        #expect(scratch.entries == ["cut.csv.gz"])
    }

    @Test("a price of NaN in a chain: exit 3, file, line and column")
    func notANumber() throws {
        let scratch = try Scratch()
        let header = "snap,t_ms,instrument,bid,ask,mark,mark_iv,delta,vega,open_interest,volume_24h,underlying,underlying_name,index"
        let row = "20260101T000000Z,1767225600000,ETH-30JAN26-3000-C,0.05,nan,0.051,0.7,0.5,3,10,1,3000,SYN.ETH-30JAN26,3000"
        let file = try scratch.write("nan.csv", header + "\n" + row + "\n")
        let run = try Hedge(["data", "inspect", file])
        #expect(
            run.status == 3 && run.errors.contains("nan.csv") && run.errors.contains("ask") && run.errors.contains("2"), "\(run.errors)")
    }

    @Test("train saves a model, recommend and models read it; cut short, it is refused with exit 3")
    func modelRoad() throws {
        let scratch = try Scratch()
        let models = scratch.url.appendingPathComponent("models").path
        let trained = try Hedge(["train", try scratch.write("tiny.yaml", Self.tiny), "--models", models, "--json"])
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(trained.json?["model"] as? String == "tiny@1")
        #expect(try Hedge(["models", "list", "--models", models]).output.contains("tiny@1"))
        #expect(try Hedge(["models", "show", "tiny", "--models", models]).status == 0)
        let weights = URL(fileURLWithPath: models + "/tiny/1/weights.safetensors")
        let whole = try Data(contentsOf: weights)
        try whole.prefix(whole.count - 40).write(to: weights)
        let refused = try Hedge(["models", "show", "tiny", "--models", models])
        #expect(refused.status == 3 && refused.errors.contains("weights.safetensors"), "\(refused.errors)")
    }

    @Test("training.from begins with a fitted model and pins its version; of another policy, or of no known name, it is refused")
    func warmStart() throws {
        let scratch = try Scratch()
        let models = scratch.url.appendingPathComponent("models").path
        func train(_ text: String, _ name: String) throws -> Hedge {
            try Hedge(["train", try scratch.write("\(name).yaml", text), "--models", models, "--name", name, "--json"])
        }
        let first = try train(Self.tiny, "first")
        #expect(first.status == 0, "\(first.errors)")
        let more = Self.tiny.replacingOccurrences(of: "epochs: 20", with: "epochs: 1, learningRate: 1e-9, from: first")
        let second = try train(more, "second")
        #expect(second.status == 0, "\(second.errors)")
        func price(_ run: Hedge) -> Double? {
            ((run.json?["comparison"] as? [String: Any])?["strategies"] as? [[String: Any]])?.first?["price"] as? Double
        }
        #expect((try #require(price(first)) - #require(price(second))).magnitude < 1e-5)
        let record = try String(contentsOfFile: models + "/second/1/model.json", encoding: .utf8)
        #expect(record.contains(#""from": "first@1""#))
        let other = try train(more.replacingOccurrences(of: "hidden: [8]", with: "hidden: [9]"), "third")
        #expect(other.status == 1 && other.errors.contains("hidden of the hedge to start from is [8]"), "\(other.errors)")
        let unknown = try train(more.replacingOccurrences(of: "from: first", with: "from: nobody"), "fourth")
        #expect(unknown.status == 3 && unknown.errors.contains("nobody"), "\(unknown.errors)")
        let formula = try train(Self.tiny.replacingOccurrences(of: "epochs: 20", with: "epochs: 20, start: whalley-wilmott"), "fifth")
        #expect(formula.status == 0, "\(formula.errors)")
    }

    @Test("simulate, inspect, fit a surface and build features: the dataset's road")
    func dataRoad() throws {
        let scratch = try Scratch()
        let datasets = scratch.url.path
        let made = try Hedge(["data", "simulate", "--to", "venue", "--days", "3", "--datasets", datasets, "--json"])
        #expect(made.status == 0 && made.json?["name"] as? String == "venue", "\(made.errors)")
        #expect(try Hedge(["data", "simulate", "--to", "venue", "--days", "3", "--datasets", datasets]).status == 2)
        let inspected = try Hedge(["data", "inspect", "venue", "--datasets", datasets, "--json"])
        #expect(inspected.json?["snapshots"] as? Int == 12, "\(inspected.errors)")
        let fitted = try Hedge(["surface", "fit", "--data", datasets + "/venue", "--json"])
        #expect(fitted.json?["snapshots"] as? Int == 12 && fitted.json?["butterflyViolations"] as? Int == 0, "\(fitted.errors)")
        let out = scratch.url.appendingPathComponent("features.csv").path
        let built = try Hedge(["features", "build", "--data", datasets + "/venue", "--currency", "ETH", "--out", out, "--json"])
        #expect(built.json?["snapshots"] as? Int == 12, "\(built.errors)")
        #expect(try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").count == 13)
        let elsewhere = try Hedge(["features", "build", "--data", datasets + "/venue", "--currency", "ETH", "--out", "features.xls"])
        #expect(elsewhere.status == 2 && elsewhere.errors.contains(".parquet"), "\(elsewhere.errors)")
    }

    @Test("data is named by its dataset or its path; a name that is neither is answered with those that are")
    func dataByName() throws {
        let scratch = try Scratch()
        try Hedge(["data", "simulate", "--to", "venue", "--days", "1", "--datasets", scratch.url.appendingPathComponent("datasets").path])
        let fitted = try Hedge(["surface", "fit", "--data", "venue", "--json"], in: scratch.url)
        #expect(fitted.json?["snapshots"] as? Int == 4, "\(fitted.errors)")
        for arguments in [["surface", "fit", "--data", "vanue"], ["data", "inspect", "vanue"], ["data", "snapshot", "vanue"]] {
            let missed = try Hedge(arguments, in: scratch.url)
            #expect(missed.status == 3 && missed.errors.contains("Did you mean \"venue\"?"), "\(missed.errors)")
        }
    }

    @Test("a surface of one snapshot is drawn in text and SVG, of a recording written row by row; a file of another kind is refused")
    func surfaceFit() throws {
        let scratch = try Scratch()
        let (svg, table) = (scratch.url.appendingPathComponent("svg").path, scratch.url.appendingPathComponent("surface.csv").path)
        let drawn = try Hedge(["surface", "fit", "--data", Self.chain, "--at", "2026-01-05T12:00:00Z", "--svg", svg, "--out", table])
        #expect(drawn.status == 0, "\(drawn.errors)")
        #expect(drawn.output.contains("25-delta RR") && drawn.output.contains(" inside\n") && drawn.output.contains("worst: "))
        #expect(drawn.output.contains("┴") && drawn.output.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        let pictures = try FileManager.default.contentsOfDirectory(atPath: svg)
        #expect(pictures.contains("surface.svg") && pictures.contains("worst.svg") && pictures.count > 4)
        let rows = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
        #expect(rows[0].hasPrefix("time,currency,expiry,timeToExpiry,outcome") && rows.count > pictures.count - 2)
        let parquet = scratch.url.appendingPathComponent("surfaces.parquet").path
        let whole = try Hedge([
            "surface", "fit", "--data", Self.chain, "--from", "2026-01-05", "--to", "2026-01-06", "--out", parquet, "--json",
        ])
        #expect(whole.json?["lost"] as? Int == 0 && whole.json?["worst"] != nil, "\(whole.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: parquet)).suffix(4) == Data("PAR1".utf8))
        #expect(try Hedge(["surface", "fit", "--data", Self.chain, "--out", "x.txt"]).status == 2)
    }

    @Test("a price history is imported as it is and inspected; a bar whose low is above its open is refused with its line")
    func priceHistory() throws {
        let scratch = try Scratch()
        let bars = "time,open,high,low,close,volume_base\n2026-01-01T00:00:00Z,100,102,99,101,5\n2026-01-01T01:00:00Z,101,103,100,102,6\n"
        let file = try scratch.write("btc-hourly.csv", bars)
        let into = ["--to", "prices", "--datasets", "\(scratch.url.path)/data"]
        let saved = try Hedge(["data", "import", "price-history", file, "--currency", "BTC", "--json"] + into)
        #expect(saved.status == 0, "\(saved.errors)")
        #expect(saved.json?["layout"] as? String == "price-history" && saved.json?["rows"] as? Int == 2)
        let copy = scratch.url.appendingPathComponent("data/prices/btc-hourly.csv")
        #expect(try String(contentsOf: copy, encoding: .utf8) == bars)
        let seen = try Hedge(["data", "inspect", "prices", "--datasets", "\(scratch.url.path)/data"])
        #expect(seen.status == 0 && seen.output.contains("bars, 2 rows, 2026-01-01T00:00:00Z to 2026-01-01T01:00:00Z"), "\(seen.output)")
        #expect(seen.output.contains("Every checksum is right."))

        let bad = try scratch.write("bad.csv", bars + "2026-01-01T02:00:00Z,101,103,102,102,6\n")
        let refused = try Hedge(["data", "import", "price-history", bad, "--currency", "BTC", "--to", "x", "--datasets", scratch.url.path])
        #expect(refused.status == 3 && refused.errors.contains("bad.csv, line 4"), "\(refused.errors)")
        #expect(try Hedge(["data", "import", "price-history", file] + into).status == 2)
        let unknown = try Hedge(["data", "import", "parquet", file] + into)
        #expect(unknown.status == 2 && unknown.errors.contains("deribit-chains") && unknown.errors.contains("price-history"))
    }

    @Test("a snapshot in JSON and the recording it was taken from give the same advice")
    func snapshot() throws {
        let scratch = try Scratch()
        let taken = try Hedge(["data", "snapshot", Self.chain, "--at", "2026-01-20T00:00:00Z"])
        #expect(taken.status == 0 && taken.json?["currency"] as? String == "ETH", "\(taken.errors)")
        let book = try scratch.write("book.json", #"{"positions": [{"instrument": "ETH-30JAN26-3000-C", "quantity": -10}]}"#)
        let fromJSON = try Hedge(["recommend", "--market", try scratch.write("market.json", taken.output), "--book", book])
        let recorded = try Hedge(["recommend", "--market", Self.chain, "--at", "2026-01-20T00:00:00Z", "--book", book])
        #expect(fromJSON.status == 0 && fromJSON.output == recorded.output, "\(fromJSON.errors)\(recorded.errors)")
    }

    @Test("recommend answers a book on a recorded market; a strike below zero and JSON that is none are refused with exit 3")
    func recommend() throws {
        let scratch = try Scratch()
        let inspected = try Hedge([
            "recommend", "--market", Self.chain, "--book", try scratch.write("empty.json", #"{"positions": []}"#), "--currency", "ETH",
        ])
        #expect(inspected.status == 0, "\(inspected.errors)")
        for text in [
            #"{"positions": [{"instrument": "ETH-27MAR26--3000-C", "quantity": -1}]}"#, #"{"positions": ["#,
            #"{"positions": [{"instrument": "ETH-PERPETUAL", "quantity": NaN}]}"#,
        ] {
            let run = try Hedge(["recommend", "--market", Self.chain, "--book", try scratch.write("bad.json", text)])
            #expect(run.status == 3 && run.errors.contains("bad.json"), "\(run.errors)")
        }
    }

    @Test("several seeds: each run is exported under its own name, and the last table holds their mean and worst")
    func severalSeeds() throws {
        let scratch = try Scratch()
        let arguments = ["compare", try scratch.write("tiny.yaml", Self.tiny), "--seeds", "1,2", "--analytic-only"]
        let run = try Hedge(arguments + ["--export", scratch.url.appendingPathComponent("runs").path])
        #expect(run.status == 0 && run.output.contains("tiny: mean / worst of seeds 1, 2"), "\(run.errors)")
        let made = try FileManager.default.contentsOfDirectory(atPath: scratch.url.appendingPathComponent("runs").path).sorted()
        #expect(made.filter { !$0.hasPrefix(".") } == ["tiny-seed-1", "tiny-seed-2"])
    }

    @Test("sweep runs every combination once, marks the best, keeps what is done, and explains what failed")
    func sweep() throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiny.yaml", Self.tiny)
        let folder = scratch.url.appendingPathComponent("runs").path
        func run(_ settings: [String], _ more: [String] = ["--json"]) throws -> Hedge {
            try Hedge(["sweep", file, "--folder", folder, "--seeds", "1,2"] + settings.flatMap { ["--set", $0] } + more)
        }
        let settings = ["training.learningRate=1e-2,3e-3", "policy.hidden=[4],[8,8]"]
        let first = try run(settings)
        #expect(first.status == 0 && first.errors.isEmpty, "\(first.errors)")
        let rows = try #require(first.json?["rows"] as? [[String: Any]])
        let combinations = rows.map { ($0["settings"] as? [[String: Any]] ?? []).compactMap { $0["value"] as? String } }
        #expect(combinations == [["0.01", "[4]"], ["0.01", "[8,8]"], ["0.003", "[4]"], ["0.003", "[8,8]"]])
        let prices = rows.compactMap { ($0["price"] as? [String: Any])?["mean"] as? Double }
        #expect(prices.count == 4 && Set(prices).count == 4 && first.json?["best"] as? Int == prices.firstIndex(of: prices.min() ?? 0))
        #expect(rows.allSatisfy { $0["seeds"] as? [Int] == [1, 2] && $0["gapPercent"] != nil })

        // A row is what compare gives for the same settings.
        let same = Self.tiny.replacingOccurrences(of: "epochs: 20", with: "epochs: 20, learningRate: 0.003")
            .replacingOccurrences(of: "[8]", with: "[8, 8]")
        let compared = try Hedge(["compare", try scratch.write("same.yaml", same), "--seeds", "1,2", "--json"])
        let learned = (compared.json?["strategies"] as? [[String: Any]])?.first { $0["name"] as? String == "learned" }
        #expect((learned?["price"] as? [String: Any])?["mean"] as? Double == prices[3], "\(compared.errors)")

        // The second time nothing is computed: even the seconds of training are those kept.
        let again = try run(settings)
        #expect(again.output == first.output)
        let table = try run(settings + ["costs.fixed=0"], [])
        #expect(table.status == 0 && table.output.contains("best") && table.output.contains("costs.fixed"), "\(table.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder + "/.training"))

        let failed = try run(["training.learningRate=1e-2,1e30", "training.epochs=60", "policy.kind=feed-forward"], [])
        #expect(
            failed.status == 0 && failed.output.contains("failed") && failed.output.contains("diverged"),
            "\(failed.output) \(failed.errors)")
    }

    @Test(
        "sweep refuses a setting that is none, a key that does not exist, a value out of its range",
        arguments: [
            ("training.learningRate", "KEY=VALUE"), ("=3", "KEY=VALUE"), ("policy.hiden=[8]", "hidden"), ("seed.x=1", "something else"),
            ("training.epochs=1.5", "training.epochs"), ("training.epochs=", "no values"),
        ])
    func sweepRefusals(setting: String, expected: String) throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiny.yaml", Self.tiny)
        let run = try Hedge(["sweep", file, "--folder", scratch.url.path, "--set", setting])
        #expect(run.status == 2 && run.output.isEmpty && run.errors.contains(expected), "\(run.errors)")
        #expect(scratch.entries == ["tiny.yaml"])
    }

    @Test("an exported run holds the training's curve; the terminal shows it; the model's card too")
    func curve() throws {
        let scratch = try Scratch()
        let text = Self.tiny.replacingOccurrences(of: "epochs: 20", with: "epochs: 20, validateEvery: 4, validationPaths: 1000")
        let file = try scratch.write("tiny.yaml", text)
        let run = try Hedge(["compare", file, "--export", scratch.url.path])
        #expect(run.status == 0 && run.output.contains("validation by epoch, the best at") && run.output.contains("└──"), "\(run.errors)")
        let svg = try String(contentsOf: scratch.url.appendingPathComponent("tiny/training.svg"), encoding: .utf8)
        #expect(svg.hasPrefix("<svg ") && !svg.contains("nan"))
        let rows = try String(contentsOf: scratch.url.appendingPathComponent("tiny/training.csv"), encoding: .utf8)
        #expect(rows.split(separator: "\n").count == 6)
        let models = scratch.url.appendingPathComponent("models").path
        #expect(try Hedge(["train", file, "--models", models]).output.contains("validation by epoch"))
        #expect(FileManager.default.fileExists(atPath: models + "/tiny/1/training.svg"))
        #expect(try String(contentsOfFile: models + "/tiny/1/README.md", encoding: .utf8).contains("(training.svg)"))
    }

    @Test("a comparison's run comes out the same again, to the last bit")
    func reproduce() throws {
        let scratch = try Scratch()
        let runs = scratch.url.appendingPathComponent("runs").path
        let file = try scratch.write("tiny.yaml", Self.tiny)
        let made = try Hedge(["compare", file, "--export", runs])
        #expect(made.status == 0, "\(made.errors)")
        let again = try Hedge(["reproduce", "tiny", "--folder", runs])
        #expect(again.status == 0 && again.output.contains("last bit"), "\(again.errors)")
    }
}
