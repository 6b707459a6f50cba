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
    /// Only JSON with one of Connect's codes is a server's own word. Everything else may come from a proxy, a load
    /// balancer, a captive portal or a server that is being replaced, and says nothing of what the server would have
    /// said: it is `unavailable`, whatever the HTTP status. (Connect itself reads a code from the status then, and makes
    /// of a proxy's 404 that there is no such call, which no caller would try again.) The others are the values of
    /// the headers `Content-Type`, `Retry-After` and `Tributary-Retry-Window`.
    public init(
        httpStatus: Int, contentType: String?, body: some Sequence<UInt8>, retryAfter: String? = nil,
        retryWindow: String? = nil
    ) {
        let retry = ConnectHeader.retryWindow(retryAfter: retryAfter, retryWindow: retryWindow)
        guard ConnectContentType(header: contentType) == .json else {
            let type = contentType.map { "with \(OneLine.of($0, byteLimit: 64))" } ?? "without a content type"
            self.init(
                .unavailable,
                "HTTP status \(httpStatus) \(type) is no answer of a coordinator's; check the address, and the proxies on "
                    + "the way",
                retry: retry)
            return
        }
        let data = Data(body.prefix(Self.bodyLimit))
        let content = try? JSONDecoder().decode(Body.self, from: data)
        let code = content?.code.flatMap(ConnectCode.init(rawValue:)) ?? .unavailable
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
