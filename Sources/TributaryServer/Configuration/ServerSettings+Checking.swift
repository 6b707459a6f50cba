import Foundation
import TributaryCore

extension ServerSettings {
    /// Checks that the settings go together. Looks at no file.
    public func check() throws(SettingsError) {
        try checkEncryption()
        try checkTokens()
        if limits.connectionsPerPeer > limits.connections {
            throw SettingsError(
                "limits.connections-per-peer is \(limits.connectionsPerPeer), more than limits.connections allows in all "
                    + "(\(limits.connections)); lower it")
        }
        if limits.idleTimeout <= pacing.pollWait {
            throw SettingsError(
                "limits.idle-timeout must be longer than pacing.poll-wait, or waiting clients are cut off; raise it")
        }
        // A client renews when four fifths of the time are over, between two polls: they must fit into the last fifth.
        let least = pacing.pollWait * 10
        if clients.credentialLifetime < least {
            throw SettingsError(
                "clients.credential-lifetime is \(clients.credentialLifetime.planText), in which waiting clients do not come "
                    + "to renew it; give ten times pacing.poll-wait, \(least.planText), or more")
        }
    }

    private func checkEncryption() throws(SettingsError) {
        switch (tls.certificate, tls.key) {
        case (_?, nil):
            throw SettingsError("tls.certificate is given without its private key; give tls.key as well")
        case (nil, _?):
            throw SettingsError("tls.key is given without its certificate; give tls.certificate as well")
        case (nil, nil):
            if tls.clientAuthority != nil {
                throw SettingsError(
                    "tls.client-ca asks clients for certificates, which plain HTTP cannot; give tls.certificate and tls.key"
                )
            }
            guard listen.isLoopback || allowsPlaintext else {
                throw SettingsError(
                    "listen is \(listen), which other machines reach, without TLS; give tls.certificate and tls.key (tributary "
                        + "certs dev makes them for trials), or allow-plaintext")
            }
        case (_?, _?): break
        }
    }

    private func checkTokens() throws(SettingsError) {
        for (name, token) in [
            ("join-token", joinToken), ("operator-token", operatorToken), ("metrics.token", metrics.token),
        ] where token.value != nil && token.file != nil {
            throw SettingsError("\(name) and \(name)-file are both given; give one of them")
        }
        if let join = joinToken.value, join == operatorToken.value {
            throw SettingsError("join-token and operator-token are the same; every client could command the server")
        }
    }

    /// Checks that the files which the settings name are there.
    public func checkFiles() throws(SettingsError) {
        let files = [
            ("join-token-file", joinToken.file), ("operator-token-file", operatorToken.file),
            ("metrics.token-file", metrics.token.file), ("tls.certificate", tls.certificate), ("tls.key", tls.key),
            ("tls.client-ca", tls.clientAuthority),
        ]
        for case (let name, let path?) in files {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw SettingsError("\(name) is \(path), which does not exist; correct the path")
            }
            if isFolder.boolValue { throw SettingsError("\(name) is \(path), which is a folder; name a file") }
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw SettingsError("\(name) is \(path), which cannot be read; correct its permissions")
            }
        }
    }
}
