import Foundation
import Reporting
import Testing

@Suite struct TextTableTests {
    static let table: TextTable = {
        var table = TextTable(["strategy", "price", "95 % interval"])
        table.add(["learned", "2.531", "[2.528, 2.534]"], isEmphasised: true)
        table.add(["none", "12.1", ""])
        return table
    }()

    @Test("columns are as wide as they must be, numbers on the right, no blanks at the end of a line")
    func plain() {
        #expect(
            Self.table.text() == """
                strategy  price   95 % interval
                ───────────────────────────────
                learned   2.531  [2.528, 2.534]
                none       12.1

                """)
    }

    @Test("colour adds escapes and moves nothing")
    func coloured() {
        let coloured = Self.table.text(colour: true)
        #expect(coloured.contains("\u{1B}[1;36mlearned"))
        #expect(coloured.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == Self.table.text())
    }
}

@Suite struct DataTableTests {
    static let table: DataTable = {
        var table = DataTable()
        table.add("name", ["plain", "a, \"quoted\" name", "β"])
        table.add("count", [1, -2, 3])
        table.add("value", [0.1, .nan, 1e300])
        return table
    }()

    @Test("CSV quotes what must be quoted and leaves a missing number empty")
    func csv() {
        #expect(Self.table.csv == "name,count,value\nplain,1,0.1\n\"a, \"\"quoted\"\" name\",-2,\nβ,3,1e+300\n")
    }

    @Test("Parquet begins and ends as it must, and its footer has the length it says")
    func parquet() {
        let file = Parquet.encoded(Self.table)
        #expect(file.prefix(4) == Data("PAR1".utf8))
        #expect(file.suffix(4) == Data("PAR1".utf8))
        let length = file.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect((1..<file.count - 12).contains(length))
        #expect(file == Parquet.encoded(Self.table))
    }
}
