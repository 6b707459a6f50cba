/// Numbers characters while texts are read, before it is known which of them the vocabulary will hold.
///
/// ASCII, nearly all of most texts, is numbered by its byte without looking at graphemes.
struct TextSymbols {
    private var others: [Character: Int32] = [:]
    /// The characters numbered 128 and up, in order.
    private var otherCharacters: [Character] = []
    /// How often each symbol occurs.
    private(set) var counts = [Int](repeating: 0, count: 128)

    private static let blank: Int32 = 32

    /// The symbols of the texts joined by blanks, runs of blanks and line breaks folded to one, none at the ends.
    mutating func fold(_ texts: [String]) -> [Int32] {
        var symbols: [Int32] = []
        var pendingBlank = false
        for text in texts {
            if text.utf8.allSatisfy({ $0 < 128 }) {
                for byte in text.utf8 { append(Int32(byte), byte <= 32, &pendingBlank, to: &symbols) }
            } else {
                for character in text { append(symbol(character), character.isWhitespace, &pendingBlank, to: &symbols) }
            }
            pendingBlank = true
        }
        for symbol in symbols { counts[Int(symbol)] += 1 }
        return symbols
    }

    private func append(_ symbol: Int32, _ isBlank: Bool, _ pendingBlank: inout Bool, to symbols: inout [Int32]) {
        if isBlank {
            pendingBlank = true
            return
        }
        if pendingBlank, !symbols.isEmpty { symbols.append(Self.blank) }
        pendingBlank = false
        symbols.append(symbol)
    }

    private mutating func symbol(_ character: Character) -> Int32 {
        if let ascii = character.asciiValue { return Int32(ascii) }
        if let known = others[character] { return known }
        let symbol = Int32(128 + otherCharacters.count)
        others[character] = symbol
        otherCharacters.append(character)
        counts.append(0)
        return symbol
    }

    /// The characters in use, in their order, and the token of every symbol. Beyond 256 characters the rarest share
    /// U+FFFD.
    func vocabulary() -> (characters: [Character], tokens: [UInt8]) {
        let used = counts.indices.filter { counts[$0] > 0 }.map { (symbol: $0, character: character($0)) }
        let replacement: Character = "\u{FFFD}"
        var kept = used
        if used.count > 256 {
            kept = used.filter { $0.character != replacement }.sorted { left, right in
                let (a, b) = (counts[left.symbol], counts[right.symbol])
                return a == b ? left.character < right.character : a > b
            }
            kept = kept.prefix(255) + [(symbol: -1, character: replacement)]
        }
        kept.sort { $0.character < $1.character }
        let other = kept.firstIndex { $0.character == replacement } ?? 0
        var tokens = [UInt8](repeating: UInt8(other), count: counts.count)
        for (token, entry) in kept.enumerated() where entry.symbol >= 0 { tokens[entry.symbol] = UInt8(token) }
        return (kept.map(\.character), tokens)
    }

    private func character(_ symbol: Int) -> Character {
        symbol < 128 ? Character(Unicode.Scalar(UInt8(symbol))) : otherCharacters[symbol - 128]
    }
}
