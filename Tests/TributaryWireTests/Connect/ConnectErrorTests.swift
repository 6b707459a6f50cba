import Testing
import TributaryCore
import TributaryWire

struct ConnectErrorTests {
    @Test(arguments: ConnectCode.allCases)
    func anErrorReadsBackAsWritten(code: ConnectCode) {
        let error = ConnectError(code, "the run \"mnist\" is not there; create it / see docs")
        #expect(ConnectError(httpStatus: code.httpStatus, body: error.body) == error)
    }

    @Test func theBodyIsConnectsJSON() {
        let body = ConnectError(.notFound, "no run a/b").body
        #expect(String(decoding: body, as: UTF8.self) == #"{"code":"not_found","message":"no run a/b"}"#)
    }

    @Test func theRetryWindowComesFromTheHeaders() {
        let error = ConnectError(
            httpStatus: 503, body: ConnectError(.unavailable, "full").body, retryAfter: "1", retryWindow: "500-900")
        #expect(error.retry == RetryWindow(earliest: .milliseconds(500), latest: .milliseconds(900)))
    }

    @Test(arguments: [
        (400, ConnectCode.internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
        (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown),
        (418, .unknown), (-1, .unknown),
    ])
    func withoutACodeTheStatusDecides(status: Int, code: ConnectCode) {
        for body in ["", "<html>", "{}", #"{"code":"novel"}"#, #"{"code":7}"#, #"["not_found"]"#, "{\"code\":"] {
            let error = ConnectError(httpStatus: status, body: Array(body.utf8))
            #expect(error.code == code)
            #expect(!error.message.isEmpty)
        }
    }

    @Test func aHostileMessageIsShortAndOneLine() {
        let message = "a\nb\u{1b}[31m\u{202e}" + String(repeating: "x", count: 10_000)
        #expect(ConnectError(.internal, message).body.count < ConnectError.messageLimit + 100)
        let error = ConnectError(httpStatus: 400, body: ConnectError(.internal, message).body)
        #expect(error.message.utf8.count <= ConnectError.messageLimit + 3)
        #expect(error.message.hasPrefix("a?b?[31m?xxx"))
    }
}
