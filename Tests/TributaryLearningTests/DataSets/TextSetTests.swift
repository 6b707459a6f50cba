import Testing
import TributaryLearning

struct TextSetTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func load(_ text: String) throws -> Dataset {
        var request = DatasetRequest(name: "text", environment: [:])
        request.files.train = [try scratch.write("t.jsonl", text)]
        return try DatasetLoader.load(request)
    }

    @Test func linesOfAClientAreJoinedAndFolded() throws {
        let long = String(repeating: "ab\\n  ", count: 40)
        let data = try load(
            "{\"client\": \"x\", \"text\": \"\(long)\"}\n{\"role\": \"r\", \"speeches\": [\"\(long)\", \"c\"]}\n"
                + "{\"client\": \"x\", \"text\": \"d\"}\n{\"client\": \"short\", \"text\": \"d\"}\n")
        #expect(data.naturalClients?.names == ["x", "r"])
        #expect(data.vocabulary == [" ", "a", "b", "c", "d"])
        // "ab ab … ab d": 40 pairs with blanks, a blank and the letter.
        guard case .windows(let text, let starts) = data.train.features else { Issue.record("not windows"); return }
        #expect(text.count == 2 * (40 * 3 + 1))
        #expect(starts.first == 0)
    }

    @Test func moreThan256CharactersShareAReplacement() throws {
        let common = (0..<255).map { String(UnicodeScalar(0x4E00 + $0) ?? "x") }.joined()
        let data = try load("{\"client\": \"x\", \"text\": \"\(common)\(common) éàü é\"}\n")
        #expect(data.vocabulary.count == 256)
        #expect(data.vocabulary.contains("\u{FFFD}") && !data.vocabulary.contains("à"))
    }

    @Test(arguments: [
        "", "{}", "[1]", "{\"client\": 3, \"text\": \"a\"}", "{\"client\": \"a\"", "\u{0}",
        "{\"client\":\"a\",\"text\":\"short\"}",
    ])
    func brokenLinesAreOneClearLine(text: String) {
        #expect(dataError { _ = try load(text) }?.code == .badData)
    }
}
