import Crypto
import Foundation
package import NIOSSL

/// A certificate and key that go together, ready for new connections.
package struct TLSContext: Sendable {
    /// What connections are made with.
    package let context: NIOSSLContext
    /// The server certificate's SHA-256, as browsers show it: how an operator tells which certificate is in use.
    package let fingerprint: String

    /// Reads and checks the files. Blocks for as long as the disk takes.
    package init(_ settings: TLSSettings) throws(TLSError) {
        let chain = try Self.certificates(settings.certificateChainPath, "a certificate chain")
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: Self.bytes(settings.privateKeyPath), format: .pem)
        } catch let error as TLSError {
            throw error
        } catch {
            throw TLSError("\(settings.privateKeyPath): is not a private key in PEM without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        if let path = settings.clientAuthorityPath {
            let authorities = try Self.certificates(path, "a certificate authority")
            configuration.trustRoots = .certificates(authorities)
            // Clients have no host name to check.
            configuration.certificateVerification = .noHostnameVerification
            configuration.sendCANameList = true
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSError(
                "\(settings.privateKeyPath): is not the key of the certificate \(settings.certificateChainPath)")
        }
        fingerprint = Self.fingerprint(of: chain)
    }

    private static func certificates(_ path: String, _ what: String) throws(TLSError) -> [NIOSSLCertificate] {
        let bytes = try bytes(path)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw TLSError("\(path): is not \(what) in PEM")
        }
        return certificates
    }

    /// A file's bytes; certificates are small, and a mistaken path may lead to something that is not.
    private static func bytes(_ path: String) throws(TLSError) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw TLSError("\(path): cannot be read; is it there, and may this process read it?")
        }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: 1 << 20) else { throw TLSError("\(path): cannot be read") }
        return [UInt8](data)
    }

    private static func fingerprint(of chain: [NIOSSLCertificate]) -> String {
        guard let bytes = try? chain.first?.toDERBytes() else { return "" }
        return SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
