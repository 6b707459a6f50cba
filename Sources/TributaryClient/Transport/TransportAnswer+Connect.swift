package import TributaryWire

/// Who answered, and what: a proxy's page is not taken for the server's word, whatever its status.
extension TransportAnswer {
    /// Whether the body is the message that a call is answered with.
    package var isMessage: Bool { status == 200 && ConnectContentType(header: contentType) == .proto }

    /// Whether a receiver got a blob's bytes.
    var isBlob: Bool { [200, 206].contains(status) && BlobContentType.isDeclared(by: contentType) }

    /// Whether a receiver got the difference between two blobs.
    var isDifference: Bool { status == ModelDeltaAnswer.status && ModelDeltaAnswer.isDeclared(by: contentType) }

    /// Whether the server says with an answer to HEAD, which has no body, that it has not got what was asked for, or
    /// will not tell.
    var isBodilessRefusal: Bool {
        (400..<500).contains(status) && status != 429 && ConnectContentType(header: contentType) == .json
    }

    /// An answer that is none of the above, as an error.
    package var connectError: ConnectError {
        ConnectError(
            httpStatus: status, contentType: contentType, body: body, retryAfter: retryAfter, retryWindow: retryWindow)
    }
}
