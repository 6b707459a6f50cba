import Foundation

/// Texts by client from JSON lines: `{"role": …, "speeches": […]}` as of the plays, or `{"client": …, "text": …}`.
///
/// Lines with the same client are joined in order. With a `play`, the client is the role in that play.
struct TextLines {
    /// One client's texts.
    struct Client {
        var name: String
        var texts: [String]
    }

    /// The clients in the order of their first line.
    private(set) var clients: [Client] = []

    private struct Line: Decodable {
        var play: String?
        var role: String?
        var speeches: [String]?
        var client: String?
        var text: String?
    }

    init(_ bytes: [UInt8], source: String) throws(DatasetError) {
        var index: [String: Int] = [:]
        let decoder = JSONDecoder()
        var number = 0
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            let content = line.drop { $0 == 0x20 || $0 == 0x0d || $0 == 0xef || $0 == 0xbb || $0 == 0xbf }
            if content.isEmpty { continue }
            guard let parsed = try? decoder.decode(Line.self, from: Data(content)) else {
                throw .badData(
                    "\(source):\(number): not a JSON object with “role” and “speeches” or “client” and “text”")
            }
            let name: String
            let texts: [String]
            if let role = parsed.role, let speeches = parsed.speeches {
                name = parsed.play.map { "\($0)/\(role)" } ?? role
                texts = speeches
            } else if let client = parsed.client, let text = parsed.text {
                (name, texts) = (client, [text])
            } else {
                throw .badData("\(source):\(number): neither “role” and “speeches” nor “client” and “text”")
            }
            if let place = index[name] {
                clients[place].texts += texts
            } else {
                index[name] = clients.count
                clients.append(Client(name: name, texts: texts))
            }
        }
        guard !clients.isEmpty else { throw .badData("\(source): the file holds no texts") }
    }
}
