import Testing
import TributaryLearning
import TributaryMath

struct DelimitedTextTests {
    private func rows(_ text: String, _ delimiter: Character = ",") throws -> [[String]] {
        let table = try DelimitedText(Array(text.utf8), delimiter: delimiter.asciiValue ?? 0, source: "t.csv")
        return (0..<table.rowCount).map { row in (0..<table.columnCount).map { table.string(row, $0) } }
    }

    @Test func readsQuotesLineEndsAndMarks() throws {
        #expect(try rows("a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
        #expect(try rows("\u{FEFF}a,b\r\n1,2") == [["a", "b"], ["1", "2"]])
        #expect(try rows("a,b\r1,2\r") == [["a", "b"], ["1", "2"]])
        #expect(try rows("\"a,\"\"x\"\"\",\"b\nc\"\n1,\n") == [["a,\"x\"", "b\nc"], ["1", ""]])
        #expect(try rows("\n\na\tb\n\n1\t2\n\n", "\t") == [["a", "b"], ["1", "2"]])
        #expect(try rows("\"\"\nx\n") == [[""], ["x"]])
        #expect(try rows("").isEmpty)
    }

    @Test func placesCountLinesInsideQuotes() throws {
        let table = try DelimitedText(Array("\"a\nb\"\n\nc\nd".utf8), delimiter: 0x2c, source: "t.csv")
        #expect((0..<3).map(table.place(of:)) == ["t.csv:1", "t.csv:4", "t.csv:5"])
    }

    @Test func placesCountOldMacLinesInsideQuotes() throws {
        let table = try DelimitedText(Array("\"a\rb\r\nc\"\rd".utf8), delimiter: 0x2c, source: "t.csv")
        #expect(table.place(of: 1) == "t.csv:4")
    }

    @Test(arguments: [[0xff, 0xfe, 0x61, 0x00], [0xfe, 0xff, 0x00, 0x61]] as [[UInt8]])
    func otherEncodingsAreNamed(bytes: [UInt8]) {
        let error = dataError { _ = try DelimitedText(bytes, delimiter: 0x2c, source: "t.csv") }
        #expect(error?.code == .badData)
        #expect(error?.description.contains("UTF-16") == true)
    }

    @Test(arguments: [
        ("a,b\n1\n", "t.csv:2: 1 field"), ("a,b\n1,2\n1,2,3\n", "t.csv:3: 3 fields"),
        ("a\n\"b\n", "t.csv:2: a quoted"), ("\"a\"b\n", "t.csv:1: text follows"),
    ])
    func brokenRowsNameTheirLine(text: String, start: String) {
        let error = dataError { _ = try rows(text) }
        #expect(error?.code == .badData)
        #expect(error?.description.hasPrefix(start) == true, "\(error?.description ?? "no error")")
    }

    /// Whatever fields are written by the rules of RFC 4180 come back.
    @Test func whatIsQuotedComesBack() throws {
        let pieces = ["a", "\"", ",", "\n", "\r\n", "é", "7", "\t"]
        for seed in 0..<300 {
            var stream = Seed(UInt64(seed)).stream()
            let columns = 1 + stream.uniform(below: 4)
            let table = (0..<1 + stream.uniform(below: 5)).map { _ in
                (0..<columns).map { _ in
                    "x"
                        + (0..<stream.uniform(below: 5)).map { _ in pieces[stream.uniform(below: pieces.count)] }
                        .joined() + "x"
                }
            }
            let text = table.map { row in
                row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
            }.joined(separator: "\r\n")
            #expect(try rows(text) == table)
        }
    }

    @Test func randomBytesNeverTrap() {
        let alphabet = Array("\",\n\r\t ax1.\u{FEFF}".utf8)
        for seed in 0..<3000 {
            var stream = Seed(UInt64(seed)).stream()
            let bytes = (0..<stream.uniform(below: 30)).map { _ in alphabet[stream.uniform(below: alphabet.count)] }
            _ = try? DelimitedText(bytes, delimiter: 0x2c, source: "x")
        }
    }
}
