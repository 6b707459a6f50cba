import Crypto
import Foundation
import GRDB

/// A row's payload and checksum as they stand in the database.
struct StoredRow: Sendable {
    let payload: String
    let checksum: Int64

    // Configured once and never changed, which makes them safe to share.
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }()
    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }()

    /// The stored form of a row.
    init(_ row: some Encodable) throws(StoreError) {
        do {
            payload = String(decoding: try Self.encoder.encode(row), as: UTF8.self)
        } catch {
            throw StoreError(.unusable, "a row cannot be written as JSON: \(error)")
        }
        checksum = Self.checksum(payload)
    }

    /// The row in two columns of a statement's result, if they hold one and its checksum is right.
    init?(_ row: Row, at column: Int) {
        guard let payload = row.text(at: column), let checksum = row.number(at: column + 1),
            checksum == Self.checksum(payload)
        else { return nil }
        self.payload = payload
        self.checksum = checksum
    }

    /// What was stored; nil if it is not that.
    func decoded<R: Decodable>(as type: R.Type) -> R? {
        try? Self.decoder.decode(type, from: Data(payload.utf8))
    }

    /// The first eight bytes of SHA-256.
    private static func checksum(_ payload: String) -> Int64 {
        var payload = payload
        var hash = SHA256()
        payload.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return Int64(bitPattern: hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension Row {
    /// The text in a column; nil if something else is there.
    func text(at column: Int) -> String? {
        guard case .string(let text) = (self[column] as DatabaseValue).storage else { return nil }
        return text
    }

    /// The whole number in a column; nil if something else is there.
    func number(at column: Int) -> Int64? {
        guard case .int64(let number) = (self[column] as DatabaseValue).storage else { return nil }
        return number
    }
}
