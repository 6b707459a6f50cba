import Testing
import TributaryCore
import TributaryWire

struct ConnectErrorTests {
    @Test(arguments: ConnectCode.allCases)
    func anErrorReadsBackAsWritten(code: ConnectCode) {
        let error = ConnectError(code, "the run \"mnist\" is not there; create it / see docs")
        for type in ["application/json", "Application/JSON; charset=utf-8"] {
            #expect(ConnectError(httpStatus: code.httpStatus, contentType: type, body: error.body) == error)
        }
    }

    @Test func theBodyIsConnectsJSON() {
        let body = ConnectError(.notFound, "no run a/b").body
        #expect(String(decoding: body, as: UTF8.self) == #"{"code":"not_found","message":"no run a/b"}"#)
    }

    @Test func theRetryWindowComesFromTheHeaders() {
        let error = ConnectError(
            httpStatus: 503, contentType: "application/json", body: ConnectError(.unavailable, "full").body,
            retryAfter: "1", retryWindow: "500-900")
        #expect(error.retry == RetryWindow(earliest: .milliseconds(500), latest: .milliseconds(900)))
    }

    @Test(arguments: [-1, 200, 204, 302, 400, 401, 403, 404, 405, 407, 413, 418, 429, 500, 502, 503, 504])
    func whatIsNotConnectsOwnMayBeOtherwiseTheNextTime(status: Int) {
        let error = ConnectError(.unimplemented, "no such call")
        for type in [nil, "text/html", "application/proto", "application/problem+json", ""] {
            let read = ConnectError(httpStatus: status, contentType: type, body: error.body, retryAfter: "7")
            #expect(read.code == .unavailable && read.retry?.earliest == .seconds(7))
            #expect(read.message.contains("\(status)") && read.message.contains(type ?? "without a content type"))
        }
        for body in ["", "<html>", "{}", #"{"code":"novel"}"#, #"{"code":7}"#, #"["not_found"]"#, "{\"code\":"] {
            let read = ConnectError(httpStatus: status, contentType: "application/json", body: Array(body.utf8))
            #expect(read.code == .unavailable && !read.message.isEmpty)
        }
    }

    @Test func aHostileMessageIsShortAndOneLine() {
        let message = "a\nb\u{1b}[31m\u{202e}" + String(repeating: "x", count: 10_000)
        let body = ConnectError(.internal, message).body
        #expect(body.count < ConnectError.messageLimit + 100)
        let error = ConnectError(httpStatus: 400, contentType: "application/json", body: body)
        #expect(error.message.utf8.count <= ConnectError.messageLimit + 3)
        #expect(error.message.hasPrefix("a?b?[31m?xxx"))
        let typed = ConnectError(httpStatus: 400, contentType: message, body: body)
        #expect(typed.message.utf8.count < 300 && !typed.message.contains("\n"))
    }
}
