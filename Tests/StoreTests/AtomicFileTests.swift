import Foundation
import Store
import Testing

@Suite struct AtomicFileTests {
    @Test("a file is replaced whole, and nothing else stays in its directory")
    func replaces() throws {
        let scratch = try Scratch()
        try AtomicFile.write("old", to: scratch.file("a.txt"))
        try AtomicFile.write("new", to: scratch.file("a.txt"))
        #expect(try String(contentsOf: scratch.file("a.txt"), encoding: .utf8) == "new")
        #expect(try scratch.names() == ["a.txt"])
    }

    @Test("a writer that throws leaves the old content and no rest")
    func failedWriter() throws {
        struct Stop: Error {}
        let scratch = try Scratch()
        try AtomicFile.write("old", to: scratch.file("a.txt"))
        #expect(throws: Stop.self) {
            try AtomicFile.write(to: scratch.file("a.txt")) { sink in
                try sink.append("half of the new")
                throw Stop()
            }
        }
        #expect(throws: Stop.self) {
            try AtomicFile.writeDirectory(scratch.file("d")) { directory in
                try Data("half".utf8).write(to: directory.appendingPathComponent("x"))
                throw Stop()
            }
        }
        #expect(try String(contentsOf: scratch.file("a.txt"), encoding: .utf8) == "old")
        #expect(try scratch.names() == ["a.txt"])
    }

    @Test("a directory appears whole; an existing one gives way only where asked")
    func directories() throws {
        let scratch = try Scratch()
        func write(_ text: String, replacing: Bool) throws {
            try AtomicFile.writeDirectory(scratch.file("d"), replacing: replacing) { directory in
                try Data(text.utf8).write(to: directory.appendingPathComponent("x"))
            }
        }
        try write("old", replacing: false)
        #expect(throws: FileError.alreadyExists(path: scratch.file("d").path)) { try write("new", replacing: false) }
        #expect(try String(contentsOf: scratch.file("d/x"), encoding: .utf8) == "old")
        try write("new", replacing: true)
        #expect(try String(contentsOf: scratch.file("d/x"), encoding: .utf8) == "new")
        #expect(try scratch.names() == ["d"])
    }

    @Test("a place that cannot be written is named, with the reason")
    func unwritable() throws {
        let scratch = try Scratch()
        try AtomicFile.write("a file", to: scratch.file("a"))
        #expect(throws: FileError.self) { try AtomicFile.write("x", to: scratch.file("a/b")) }
        try FileManager.default.createDirectory(at: scratch.file("d"), withIntermediateDirectories: false)
        #expect(throws: FileError.unwritable(path: scratch.file("d").path, reason: "Is a directory")) {
            try AtomicFile.write("x", to: scratch.file("d"))
        }
        #expect(try scratch.names() == ["a", "d"])
    }

    @Test("a process killed in the middle of writing leaves the old content")
    func killedWhileWriting() async throws {
        let scratch = try Scratch()
        let path = scratch.file("a.txt").path
        try AtomicFile.write("old", to: scratch.file("a.txt"))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            try AtomicFile.write(to: URL(fileURLWithPath: path)) { sink in
                try sink.append(Data(repeating: 0x78, count: 1 << 20))
                kill(getpid(), SIGKILL)
            }
        }
        #expect(try String(contentsOf: scratch.file("a.txt"), encoding: .utf8) == "old")
        #expect(try scratch.names().allSatisfy { $0 == "a.txt" || $0.hasPrefix(".partial-") })
    }

    @Test("a process killed at any moment of a loop of writes leaves one whole content", arguments: [1, 3, 7, 12, 25])
    func killedAtAnyMoment(milliseconds: Int) async throws {
        let scratch = try Scratch()
        let path = scratch.file("a.bin").path
        try AtomicFile.write(Data(repeating: 0, count: 200_000), to: scratch.file("a.bin"))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, milliseconds = milliseconds as Int] in
            DispatchQueue.global().async {
                usleep(useconds_t(milliseconds * 1000))
                kill(getpid(), SIGKILL)
            }
            for round in 1... {
                try AtomicFile.write(Data(repeating: UInt8(round % 251), count: 200_000), to: URL(fileURLWithPath: path))
            }
        }
        let bytes = try RegularFile.read(scratch.file("a.bin"))
        #expect(bytes.count == 200_000)
        #expect(Set(bytes).count == 1)
    }

    @Test("what is no regular file is refused without waiting")
    func notRegular() throws {
        let scratch = try Scratch()
        #expect(mkfifo(scratch.file("pipe").path, 0o600) == 0)
        #expect(throws: FileError.notRegular(path: scratch.file("pipe").path)) { try RegularFile.read(scratch.file("pipe")) }
        #expect(throws: FileError.notRegular(path: scratch.url.path)) { try RegularFile.read(scratch.url) }
        #expect(throws: FileError.notRegular(path: "/dev/zero")) { try RegularFile.read(URL(fileURLWithPath: "/dev/zero")) }
        #expect(throws: FileError.unreadable(path: scratch.file("none").path, reason: "No such file or directory")) {
            try RegularFile.read(scratch.file("none"))
        }
        try AtomicFile.write("12345", to: scratch.file("large"))
        #expect(throws: FileError.tooLarge(path: scratch.file("large").path, bytes: 5, limit: 4)) {
            try RegularFile.read(scratch.file("large"), limit: 4)
        }
    }

    @Test("SHA-256 of 'abc' is the one in FIPS 180-4")
    func checksum() {
        #expect(RegularFile.sha256(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
