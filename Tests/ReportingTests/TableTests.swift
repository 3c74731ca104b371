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
