import TributaryCore
import TributaryServer

extension ServerSettings {
    /// What the network side goes by.
    var http: HTTPSettings {
        var http = HTTPSettings()
        (http.host, http.port) = (listen.host, listen.port)
        if let certificate = tls.certificate, let key = tls.key {
            http.tls = TLSSettings(
                certificateChainPath: certificate, privateKeyPath: key, clientAuthorityPath: tls.clientAuthority)
        }
        http.limits.connections = limits.connections
        http.limits.connectionsPerPeer = limits.connectionsPerPeer
        http.limits.messageByteCount = limits.messageSize.bytes
        http.limits.blobByteCount = limits.updateSize.bytes
        http.limits.headerByteCount = limits.headerSize.bytes
        http.limits.streamsPerConnection = limits.streams
        http.timeouts.header = limits.headerTimeout
        http.timeouts.idle = limits.idleTimeout
        http.timeouts.progress = limits.progressTimeout
        http.timeouts.grace = shutdown.grace
        http.reportsFolder = reportsFolder
        // Behind a proxy on the same machine everybody is on the same machine.
        http.servesMetricsToLoopback = false
        return http
    }

    /// What decisions go by.
    var machine: CoordinatorMachine.Settings {
        var machine = CoordinatorMachine.Settings()
        machine.credentialLifetime = clients.credentialLifetime
        machine.minimumClientVersion = clients.minimumVersion
        machine.longestWait = pacing.pollWait
        machine.waitingLimit = pacing.waitingPolls
        machine.pace.checkInsPerSecond = pacing.checkIns
        machine.keepsUpdates = updates.keep == .all
        if updates.keep == .none, case .newest(let count) = runs.keepRounds { machine.keptRounds = count }
        return machine
    }
}
