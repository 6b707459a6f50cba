import Crypto
import Foundation
import SwiftASN1
import X509

/// Certificates for one test, made on the spot.
struct Certificates {
    let authority: Certificate
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName

    init() throws {
        name = try DistinguishedName { CommonName("Test authority \(UUID().uuidString)") }
        authority = try Self.certificate(
            for: key.publicKey, name, by: key, name,
            try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
            })
    }

    var authorityPEM: String {
        get throws { try authority.serializeAsPEM().pemString }
    }

    /// A certificate for `localhost`, and its key.
    func issue() throws -> (certificate: String, key: String) {
        let leaf = P256.Signing.PrivateKey()
        let certificate = try Self.certificate(
            for: leaf.publicKey, try DistinguishedName { CommonName("localhost") }, by: key, name,
            try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([.dnsName("localhost")])
            })
        return (try certificate.serializeAsPEM().pemString, leaf.pemRepresentation)
    }

    private static func certificate(
        for subject: P256.Signing.PublicKey, _ name: DistinguishedName, by issuer: P256.Signing.PrivateKey,
        _ issuerName: DistinguishedName, _ extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(subject),
            notValidBefore: Date() - 3600, notValidAfter: Date() + 86_400, issuer: issuerName, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: Certificate.PrivateKey(issuer))
    }
}

/// Certificates in a folder of their own, as a server reads them.
struct CertificateFolder {
    let certificates: Certificates
    let path: String

    init() throws {
        certificates = try Certificates()
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("tributary-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
        try renew()
        try certificates.authorityPEM.write(toFile: authority, atomically: true, encoding: .utf8)
    }

    var certificate: String { path + "/server.pem" }
    var key: String { path + "/server.key" }
    var authority: String { path + "/authority.pem" }

    /// Writes a new certificate and key.
    func renew() throws {
        let (certificate, key) = try certificates.issue()
        try certificate.write(toFile: self.certificate, atomically: true, encoding: .utf8)
        try key.write(toFile: self.key, atomically: true, encoding: .utf8)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
