import Crypto
import Foundation
import TributaryCore

/// What a client shows to be known: its number, by which it is found, and a secret.
struct Credential {
    /// Whose it is.
    let client: ClientID
    /// `NUMBER.SECRET`, both hexadecimal. Never logged.
    let text: String

    /// A fresh one, from the system's cryptographic generator.
    init(for client: ClientID) {
        self.client = client
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { BlobDigest(bytes: Array($0))?.rawValue ?? "" }
        text = String(client.rawValue, radix: 16) + "." + secret
    }

    /// Reads one; nil if it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 200, parts.count == 2, let number = UInt64(parts[0], radix: 16) else { return nil }
        client = ClientID(number)
        self.text = text
    }

    /// What the ledger keeps of it.
    var digest: BlobDigest { .sha256(of: Data(text.utf8)) }
}

extension BlobDigest {
    /// The SHA-256 of the bytes.
    static func sha256(of bytes: Data) -> BlobDigest {
        guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        return digest
    }
}

extension ClientID {
    /// The number of a client: the same name, or without one the same key, is the same client, on whatever coordinator
    /// and after whatever was lost. Operators are 0.
    init(name: String, registrationKey: Data) {
        let text = name.isEmpty ? Data("key:".utf8) + registrationKey : Data("name:".utf8) + Data(name.utf8)
        let number = SHA256.hash(data: text).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // A number is also a place in some populations, so it must fit an Int.
        self.init(max(number >> 2, 1))
    }
}

/// A secret that an operator has given out. Only its digest is kept, and digests compare in constant time.
package struct SharedSecret: Sendable {
    private let digest: SHA256.Digest

    package init(_ text: String) {
        digest = SHA256.hash(data: Data(text.utf8))
    }

    func isSame(as text: String) -> Bool { digest == SHA256.hash(data: Data(text.utf8)) }
}
