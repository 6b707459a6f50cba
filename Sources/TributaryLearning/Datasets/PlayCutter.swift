/// Cuts a play in the Moby edition's plain text by speaking role.
///
/// The layout: the title first and again where the play begins after its cast list; `ROLE<tab>text`
/// opens a speech (`ROLE: text` too, and a long name may begin on the line before), `<tab>text` continues it, stage
/// directions stand in brackets, a `|` marks simultaneous speech. Titles and headings of acts and scenes close a speech.
struct PlayCutter {
    private let play: String
    private let title: [UInt8]
    /// The roles in the order in which they first open a speech.
    private var roles: [[UInt8]] = []
    private var speeches: [[UInt8]: [[UInt8]]] = [:]
    private var current: [UInt8]?
    private var lines: [[UInt8]] = []
    /// The first line of a name that goes on in the next line.
    private var nameBegun: [UInt8] = []
    private var insideBrackets = false

    private static let tab = UInt8(ascii: "\t")

    /// Cuts the text of the play that is called `play` in the result.
    init(_ text: [UInt8], play: String) {
        self.play = play
        let all = text.split(separator: 0x0a, omittingEmptySubsequences: false)
        let named = all.map { Self.folded($0) }.enumerated().filter { !$0.element.isEmpty }
        title = named.first?.element ?? []
        // The title over a play's beginning may differ from that over its cast list by an apostrophe.
        let plainTitle = title.filter { $0 != UInt8(ascii: "'") }
        let beginning = named.dropFirst().first { line, text in
            all[line].first == Self.tab && text.filter { $0 != UInt8(ascii: "'") } == plainTitle
        }
        for line in all[(beginning?.offset ?? 0)...] { add(line) }
        endSpeech()
    }

    private mutating func add(_ raw: ArraySlice<UInt8>) {
        let line = withoutDirections(raw)
        guard let first = line.first, !Self.folded(line[...]).isEmpty else { return }
        if Self.isHeading(line) || (first == Self.tab && Self.folded(line[...]) == title) {
            endSpeech()
            nameBegun = []
        } else if first == Self.tab {
            nameBegun = []
            lines.append(line)
        } else if let end = line.firstIndex(of: Self.tab) ?? Self.colonAfterName(line) {
            endSpeech()
            let name = Self.folded((nameBegun + [0x20] + line[..<end])[...])
            nameBegun = []
            current = Array(name.reversed().drop { $0 == UInt8(ascii: ":") }.reversed())
            if let current, speeches[current] == nil {
                roles.append(current)
                speeches[current] = []
            }
            lines = [Array(line[(end + 1)...])]
        } else if first == 0x20 {
            lines.append(line)
        } else {
            nameBegun = Self.folded(line[...])
        }
    }

    /// The line without what stands in brackets. An empty line ends a bracket that was never closed.
    private mutating func withoutDirections(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var line: [UInt8] = []
        for byte in raw {
            switch byte {
            case UInt8(ascii: "["): insideBrackets = true
            case UInt8(ascii: "]"):
                if !insideBrackets { line.append(0x20) }
                insideBrackets = false
            case _ where insideBrackets: break
            case UInt8(ascii: "|"): line.append(0x20)
            default: line.append(byte)
            }
        }
        if Self.folded(raw).isEmpty { insideBrackets = false }
        return line
    }

    private mutating func endSpeech() {
        let text = lines.map { Self.folded($0[...]) }.filter { !$0.isEmpty }
        if let current, !text.isEmpty { speeches[current]?.append(Array(text.joined(separator: [0x0a]))) }
        current = nil
        lines = []
    }

    /// `ACT IV`, `SCENE II`, `PROLOGUE`, `EPILOGUE` or `INDUCTION` at the beginning of a line.
    private static func isHeading(_ line: [UInt8]) -> Bool {
        let words = line.drop { $0 == tab }.split(maxSplits: 2) { isBlank($0) }
        guard line.prefix(2) != [tab, tab], line.first != 0x20, let first = words.first else { return false }
        let word = String(decoding: first.prefix(while: isWordByte), as: UTF8.self)
        if ["PROLOGUE", "EPILOGUE", "INDUCTION"].contains(word) { return true }
        guard first.elementsEqual("ACT".utf8) || first.elementsEqual("SCENE".utf8), words.count > 1 else {
            return false
        }
        let number = words[1].prefix(while: isWordByte)
        return !number.isEmpty && number.allSatisfy { "IVX".utf8.contains($0) }
    }

    /// The place of the colon in `Name: text`, where the name is letters and blanks.
    private static func colonAfterName(_ line: [UInt8]) -> Int? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), let first = line.first, (0x41...0x5a).contains(first),
            line[..<colon].allSatisfy({ $0 == 0x20 || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) })
        else { return nil }
        return colon
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
    }

    /// The bytes with every run of blanks as one, and none at the ends.
    private static func folded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.split(whereSeparator: isBlank).joined(separator: [0x20]))
    }

    /// One JSON object a line for every role that says something.
    var jsonLines: [UInt8] {
        var output: [UInt8] = []
        for role in roles {
            guard let said = speeches[role], !said.isEmpty else { continue }
            let quoted = said.map { Self.quoted($0) }.joined(separator: Array(", ".utf8))
            output += "{\"play\": ".utf8
            output += Self.quoted(Array(play.utf8)) + Array(", \"title\": ".utf8) + Self.quoted(title)
            output += Array(", \"role\": ".utf8) + Self.quoted(role) + Array(", \"speeches\": [".utf8)
            output += Array(quoted) + Array("]}\n".utf8)
        }
        return output
    }

    private static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = [0x22]
        for byte in bytes {
            switch byte {
            case 0x22, 0x5c: output += [0x5c, byte]
            case 0x0a: output += [0x5c, UInt8(ascii: "n")]
            default: output.append(byte)
            }
        }
        return output + [0x22]
    }
}
