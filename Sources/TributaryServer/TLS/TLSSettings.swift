/// Where a server's certificate lies, and whose clients' certificates it takes.
package struct TLSSettings: Hashable, Sendable {
    /// The path of the certificate chain in PEM, the server's own first.
    package var certificateChainPath: String
    /// The path of its private key in PEM.
    package var privateKeyPath: String
    /// The path of the certificates in PEM that clients' certificates must lead to (mutual TLS); nil if clients need none.
    package var clientAuthorityPath: String?
    /// How often to see whether the files have changed.
    package var pollInterval = Duration.seconds(5)

    /// Settings with the paths given.
    package init(certificateChainPath: String, privateKeyPath: String, clientAuthorityPath: String? = nil) {
        self.certificateChainPath = certificateChainPath
        self.privateKeyPath = privateKeyPath
        self.clientAuthorityPath = clientAuthorityPath
    }
}

/// Why a certificate cannot be used.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line that names the file, the trouble and what to do about it.
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
