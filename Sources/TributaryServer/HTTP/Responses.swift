import HTTPTypes
import HummingbirdCore
import NIOCore
import TributaryStore
import TributaryWire

extension Response {
    /// An error as Connect writes it, with the status of its code or another.
    static func failure(
        _ error: ConnectError, status: HTTPResponse.Status? = nil, _ fields: HTTPFields = [:]
    ) -> Response {
        var fields = fields
        fields[.contentType] = ConnectContentType.json.header
        if let retry = error.retry {
            let values = ConnectHeader.retryValues(retry)
            fields[.retryAfter] = values.retryAfter
            fields[.retryWindow] = values.retryWindow
        }
        if error.code == .unauthenticated, fields[.wwwAuthenticate] == nil { fields[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: status ?? HTTPResponse.Status(code: error.code.httpStatus), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: error.body)))
    }

    /// A short text.
    static func text(
        _ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A method that a path does not have.
    static func wrongMethod(_ request: ServerRequest, allowed: String) -> Response {
        let error = ConnectError(
            .unimplemented, "\(OneLine.of(String(request.path), byteLimit: 200)): takes \(allowed)")
        return .failure(error, status: .methodNotAllowed, [.allow: allowed])
    }
}

/// An answer that is no Connect error alone: a status of its own, or header fields of its own.
struct HTTPFailure: Error {
    var error: ConnectError
    var status: HTTPResponse.Status?
    var fields: HTTPFields = [:]

    init(_ code: ConnectCode, _ message: String, status: HTTPResponse.Status? = nil, _ fields: HTTPFields = [:]) {
        error = ConnectError(code, message)
        self.status = status
        self.fields = fields
    }
}

extension HTTPResponse.Status {
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}
