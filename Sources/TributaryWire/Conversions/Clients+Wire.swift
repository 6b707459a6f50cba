public import Foundation
public import TributaryCore

extension ClientDescription {
    /// Reads what a client says of itself when it registers. Throws `invalid_argument`.
    public init(_ message: WireRegisterRequest) throws(ConnectError) {
        let field = WireField.message
        self.init(
            name: try field["name"].text(message.name, bytes: 0...WireLimits.clientNameBytes),
            labels: try field["labels"].texts(
                message.labels, limit: WireLimits.labels, bytes: WireLimits.labelBytes),
            version: try field["client_version"].version(message.clientVersion),
            dataSignature: try field["data_signature"].text(
                message.dataSignature, bytes: 0...WireLimits.signatureBytes))
    }
}

extension WireRegisterRequest {
    /// A registration, in version 1 of the protocol.
    public init(_ description: ClientDescription, registrationKey: some Sequence<UInt8>, joinToken: String) {
        self.init()
        protocolVersion = 1
        self.joinToken = joinToken
        self.registrationKey = Data(registrationKey)
        name = description.name
        labels = description.labels
        clientVersion = description.version.description
        dataSignature = description.dataSignature
    }

    /// The secrets of a registration, if they have lengths that are allowed. Throws `invalid_argument`.
    public func checkedSecrets() throws(ConnectError) -> (registrationKey: Data, joinToken: String) {
        let bounds = WireLimits.registrationKeyBytes
        guard bounds.contains(registrationKey.count) else {
            throw WireField.message["registration_key"].error(
                "has \(registrationKey.count) bytes; must have \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        let token = try WireField.message["join_token"].text(joinToken, bytes: 0...WireLimits.joinTokenBytes)
        return (registrationKey, token)
    }
}

extension ClientTarget {
    /// Reads which clients a run wants. Throws `invalid_argument`.
    public init(_ message: WireClientTarget) throws(ConnectError) {
        try self.init(message, at: .message)
    }

    init(_ message: WireClientTarget, at field: WireField) throws(ConnectError) {
        let version = message.minimumClientVersion
        self.init(
            labels: try field["labels"].texts(
                message.labels, limit: WireLimits.labels, bytes: WireLimits.labelBytes),
            minimumVersion: version.isEmpty ? nil : try field["minimum_client_version"].version(version),
            dataSignature: try field["data_signature"].text(
                message.dataSignature, bytes: 0...WireLimits.signatureBytes))
    }
}

extension WireClientTarget {
    /// Which clients a run wants, as a message.
    public init(_ target: ClientTarget) {
        self.init()
        labels = target.labels
        minimumClientVersion = target.minimumVersion?.description ?? ""
        dataSignature = target.dataSignature
    }
}
