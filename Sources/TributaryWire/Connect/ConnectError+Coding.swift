import Foundation
import TributaryCore

extension ConnectError {
    /// The longest message that an error's body holds, and that is taken from one, in bytes.
    public static let messageLimit = 2_000

    /// The error as Connect writes it: `{"code":"not_found","message":"…"}`, with the content type
    /// `application/json` and the status of its code. The message is one line of bounded length, whatever it quotes.
    public var body: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let content = Body(code: code.rawValue, message: OneLine.of(message, byteLimit: Self.messageLimit))
        // Two texts can always be written.
        return (try? encoder.encode(content)).map { [UInt8]($0) } ?? Array(#"{"code":"internal"}"#.utf8)
    }

    /// Reads an answer that is an error. Total: whatever the body is, an error comes out.
    ///
    /// Where the body is no Connect error, as a proxy's page, or its code is not known, the code follows from the HTTP
    /// status as Connect lays down. `retryAfter` and `retryWindow` are the values of those headers.
    public init(httpStatus: Int, body: some Sequence<UInt8>, retryAfter: String? = nil, retryWindow: String? = nil) {
        let retry = ConnectHeader.retryWindow(retryAfter: retryAfter, retryWindow: retryWindow)
        let data = Data(body.prefix(Self.bodyLimit))
        let content = try? JSONDecoder().decode(Body.self, from: data)
        let code = content?.code.flatMap(ConnectCode.init(rawValue:)) ?? ConnectCode(httpStatus: httpStatus)
        let message = content?.message.map { OneLine.of($0, byteLimit: Self.messageLimit) } ?? ""
        self.init(code, message.isEmpty ? "the server answered with HTTP status \(httpStatus)" : message, retry: retry)
    }

    /// The longest body that is looked into.
    private static let bodyLimit = 65_536

    private struct Body: Codable {
        var code: String?
        var message: String?
    }
}

extension ConnectCode {
    /// The code of an answer that is an error without saying which (Connect, "HTTP to error code").
    public init(httpStatus: Int) {
        switch httpStatus {
        case 400: self = .internal
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .unimplemented
        case 429, 502, 503, 504: self = .unavailable
        default: self = .unknown
        }
    }
}
