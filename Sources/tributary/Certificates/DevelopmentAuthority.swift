import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate authority for trials: it vouches for servers and clients to whoever was given its certificate.
struct DevelopmentAuthority {
    let certificate: Certificate
    private let key: P256.Signing.PrivateKey

    private static let day: TimeInterval = 86_400

    /// A new authority, good for a year.
    init(now: Date) throws {
        key = P256.Signing.PrivateKey()
        let name = try DistinguishedName {
            CommonName("Tributary development CA")
            OrganizationName("Tributary")
        }
        let identifier = SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: now - Self.clockTolerance, notValidAfter: now + 365 * Self.day, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                // It may vouch for ends, and for no other authority.
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                identifier
            },
            issuerPrivateKey: Certificate.PrivateKey(key))
    }

    /// The authority of earlier files' texts.
    init(certificate pem: String, key keyPEM: String) throws {
        certificate = try Certificate(pemEncoded: pem)
        key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
    }

    /// Whether the key is the certificate's, and the certificate good at `now`.
    func isUsable(at now: Date) -> Bool {
        certificate.publicKey == Certificate.PublicKey(key.publicKey) && certificate.notValidBefore <= now
            && certificate.notValidAfter > now + Self.day
    }

    /// Clocks of other machines may be behind.
    private static let clockTolerance: TimeInterval = 3600

    /// The authority's key in PEM.
    var keyPEM: String { key.pemRepresentation }

    /// A certificate that this authority vouches for, and its new key; good for 90 days, but not longer than the authority.
    func issue(_ leaf: LeafRequest, now: Date) throws -> (certificate: Certificate, keyPEM: String) {
        let leafKey = P256.Signing.PrivateKey()
        let issuer = SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(leafKey.publicKey),
            notValidBefore: max(now - Self.clockTolerance, self.certificate.notValidBefore),
            notValidAfter: min(now + 90 * Self.day, self.certificate.notValidAfter),
            issuer: self.certificate.subject, subject: try DistinguishedName { CommonName(leaf.commonName) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([leaf.isServer ? .serverAuth : .clientAuth])
                SubjectAlternativeNames(leaf.names.map(\.generalName))
                SubjectKeyIdentifier(hash: Certificate.PublicKey(leafKey.publicKey))
                AuthorityKeyIdentifier(keyIdentifier: issuer.keyIdentifier)
            },
            issuerPrivateKey: Certificate.PrivateKey(key))
        return (certificate, leafKey.pemRepresentation)
    }
}

/// Whom a certificate is to be for.
struct LeafRequest {
    var commonName: String
    var names: [HostName]
    var isServer: Bool
}

/// A name that a certificate holds for: of a host, or an address.
enum HostName: Hashable {
    case dns(String)
    case address([UInt8])

    /// Reads an IPv4 or IPv6 address or a DNS name, perhaps with `*` as its first label.
    init(parsing text: String) throws {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .address(withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self = .address(withUnsafeBytes(of: six) { Array($0) })
        } else if Self.isDNSName(text) {
            self = .dns(text.lowercased())
        } else {
            throw CommandFailure(
                .usage, "'\(text)' is neither a host's name nor an address; write it as coordinator.example or 10.0.0.5"
            )
        }
    }

    private static func isDNSName(_ text: String) -> Bool {
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 2, labels.first == "*" { labels.removeFirst() }
        // Four numbers that are no address are a mistake, not a name.
        let isNumeric = labels.allSatisfy { $0.allSatisfy(\.isNumber) }
        return text.utf8.count <= 253 && !isNumeric
            && labels.allSatisfy { label in
                let isPlain = label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
                return (1...63).contains(label.count) && isPlain && label.first != "-" && label.last != "-"
            }
    }

    fileprivate var generalName: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }
}
