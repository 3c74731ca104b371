import ArgumentParser
import LinearAlgebra

struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "One JSON object on stdout, nothing else there.")
    var json = false
}

struct ComputeOptions: ParsableArguments {
    @Option(name: .long, help: "Threads; the result does not depend on them. Default: every core.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads is \(threads); expected 1 to 1024.") }
    }

    var workers: Workers { Workers(threads: threads) }
}
