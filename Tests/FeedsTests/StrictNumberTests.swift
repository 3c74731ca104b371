import Feeds
import Probability
import Testing

@Suite("Strict numbers")
struct StrictNumberTests {
    @Test(
        "numbers as files write them",
        arguments: [
            "0", "-0", "1", "-1", "10", "0.5", "-0.00038773", "78486.55", "95420.42428571428", "8.947e-05", "1E+3", "1e308", "5e-324",
            "0.41240000000000004", "123456789012345678901234567890", "0.1", "1.7976931348623157e308", "9007199254740993",
            "2.2250738585072014e-308",
            "0.000000000000000000000000000001234567890123456789", "12345678901234567.890123e-5",
        ])
    func accepts(text: String) throws {
        let value = try #require(StrictNumber.double(text))
        #expect(value.bitPattern == Double(text)?.bitPattern)
    }

    @Test(
        "what is no number here, though some of it is one elsewhere",
        arguments: [
            "", " ", "nan", "NaN", "inf", "-inf", "Infinity", "0x1p3", "0x10", "1e400", "-1e400", "1e-400", "+1", ".5", "5.", "007", "00",
            "-",
            "--1", "1-", "1 ", " 1", "1,5", "1_000", "1e", "1e+", "e5", "1.2.3", "1e5.5", "\u{FEFF}1", "１", "1\u{0}", "\"1\"",
            "1e99999999999999999999",
        ])
    func refuses(text: String) {
        #expect(StrictNumber.double(text) == nil)
    }

    @Test("a hundred thousand doubles written in full are read to the last bit")
    func roundTrip() {
        let stream = RandomStream(seed: 11, purpose: .data)
        for index in 0..<100_000 {
            let words = stream.words(path: index, step: 0)
            let value = Double(bitPattern: UInt64(words.x) << 32 | UInt64(words.y))
            guard value.isFinite else { continue }
            #expect(StrictNumber.double("\(value)") == value)
            let price = Double(words.z % 10_000_000) / 100
            #expect(StrictNumber.double("\(price)") == price)
        }
    }
}
