import TributaryWire

extension Golden {
    static let enrolment: [Golden] = [
        Golden(
            WireRegisterRequest.self,
            json:
                #"{"protocolVersion":1,"joinToken":"secret","registrationKey":"AAECAwQFBgcICQoLDA0ODw==","name":"north"#
                + #"","labels":{"site":"north"},"clientVersion":"1.4.0","dataSignature":"28x28 -> 10 classes"}"#,
            binary:
                "080112067365637265741a10000102030405060708090a0b0c0d0e0f22056e6f7274682a0d0a047369746512056e6f727468"
                + "3205312e342e303a133238783238202d3e20313020636c6173736573"),
        Golden(
            WireRegisterResponse.self,
            json:
                #"{"clientId":"7","credential":"c","credentialLifetimeMs":"86400000","retry":{"earliestMs":"1","latest"#
                + #"Ms":"1000"},"serverVersion":"0.1.0"}"#,
            binary: "08071201631880b899292205080110e8072a05302e312e30"),
        Golden(
            WireRenewRequest.self,
            json: #"{}"#,
            binary: ""),
        Golden(
            WireRenewResponse.self,
            json: #"{"credential":"c","credentialLifetimeMs":"86400000"}"#,
            binary: "0a01631080b89929"),
        Golden(
            WireLeaveRequest.self,
            json: #"{}"#,
            binary: ""),
        Golden(
            WireLeaveResponse.self,
            json: #"{}"#,
            binary: ""),
        Golden(
            WireHealthCheckRequest.self,
            json: #"{}"#,
            binary: ""),
        Golden(
            WireHealthCheckResponse.self,
            json:
                #"{"isReady":true,"serverVersion":"0.1.0","oldestProtocolVersion":1,"newestProtocolVersion":1,"minimum"#
                + #"ClientVersion":"0.1.0"}"#,
            binary: "08011205302e312e30180120012a05302e312e30"),
    ]
}
