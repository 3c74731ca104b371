import StrictJSON
import Testing

@Suite struct StrictJSONTests {
    @Test(
        "a value survives writing and reading",
        arguments: [false, true])
    func roundTrip(indented: Bool) throws {
        let value: JSONValue = [
            "name": "BTC \"perpetual\"\n\u{1}é😀", "size": -12.5, "tiny": 2.2250738585072014e-308, "whole": 9_007_199_254_740_991,
            "list": [1, 0.1, nil, true, [], [:]],
        ]
        #expect(try JSONValue.parse(value.text(indented: indented)) == value)
    }

    @Test("names keep their order and numbers their shortest form")
    func canonicalText() throws {
        #expect(try JSONValue.parse(" {\"b\" : 1.0, \"a\" : [0.10, 1e2, -0]} ").text() == "{\"b\":1,\"a\":[0.1,100,0]}")
    }

    @Test(
        "what RFC 8259 forbids, or a double cannot hold, is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "NaN", "Infinity", "-", "+1", "01", ".5", "1.", "1e", "1e400", "1e-400", "4.9e-324", "tru",
            "nul",
            "{\"a\":1,\"a\":2}", "{a:1}", "'a'", "\"a", "\"\n\"", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "1 2",
            "[1 2]",
            "{\"a\" 1}", "/* c */ 1", "\u{FEFF}1", "[1}", "\"\\u12\"", "\u{0}",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22] + bytes + [0x22]) }
    }

    @Test("an error says where it is and what stands there")
    func position() {
        #expect(throws: JSONError(line: 2, column: 8, reason: "found 'N', expected a value")) {
            try JSONValue.parse("{\n \"bid\":NaN}")
        }
        #expect(throws: JSONError(line: 1, column: 8, reason: "the name \"a\" stands twice in one object")) {
            try JSONValue.parse("{\"a\":1,\"a\":2}")
        }
    }

    @Test("nesting is bounded, whatever its depth")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(line: 1, column: 65, reason: "nested deeper than 64 levels")) { try JSONValue.parse(deep) }
        #expect(throws: Never.self) { try JSONValue.parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) }
    }

    @Test("surrogate pairs make one character")
    func surrogates() throws {
        #expect(try JSONValue.parse("\"\\ud83d\\ude00\\u00e9\"") == "😀é")
    }
}
