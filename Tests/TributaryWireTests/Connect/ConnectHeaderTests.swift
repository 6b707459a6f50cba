import Testing
import TributaryCore
import TributaryWire

struct ConnectHeaderTests {
    @Test func everyCallIsFoundByItsPath() {
        for method in ConnectMethod.allCases {
            #expect(ConnectMethod(path: method.path) == method)
            #expect(method.path == "/\(method.service)/\(method.name)")
        }
        #expect(ConnectMethod.poll.path == "/tributary.v1.Tasks/Poll")
        #expect(ConnectCall.poll.method.description == "Tasks.Poll")
        #expect(ConnectMethod(path: "/tributary.v1.Tasks/poll") == nil)
        #expect(ConnectMethod(path: "/tributary.v1.Tasks/Poll/") == nil)
    }

    @Test(arguments: [
        ("application/proto", ConnectContentType.proto), ("application/json", .json),
        ("application/json; charset=utf-8", .json), ("Application/JSON;charset=\"utf-8\"", .json),
        (" application/proto ;x=y", .proto),
    ])
    func contentTypesAreReadWithTheirParameters(header: String, type: ConnectContentType) {
        #expect(ConnectContentType(header: header) == type)
    }

    @Test(arguments: [
        nil, "", "application/grpc", "application/x-protobuf", "text/json", "application/jsonx", ";",
        "application /json",
    ])
    func otherContentTypesAreNone(header: String?) {
        #expect(ConnectContentType(header: header) == nil)
    }

    @Test func aTimeoutIsOneToTenDigits() throws {
        #expect(try ConnectHeader.timeout(nil) == nil)
        #expect(try ConnectHeader.timeout("0") == .zero)
        #expect(try ConnectHeader.timeout("1500") == .milliseconds(1500))
        #expect(try ConnectHeader.timeout("9999999999") == .milliseconds(9_999_999_999))
        for bad in ["", "-1", "+1", "1.5", " 1", "10000000000", "1e3", "abc", "١"] {
            #expect(throws: ConnectError.self) { try ConnectHeader.timeout(bad) }
        }
    }

    @Test func aTimeoutReadsBackAsWritten() throws {
        for milliseconds in [0, 1, 999, 30_000, 9_999_999_999] {
            let timeout = Duration.milliseconds(milliseconds)
            #expect(try ConnectHeader.timeout(ConnectHeader.timeoutValue(timeout)) == timeout)
        }
        #expect(ConnectHeader.timeoutValue(.nanoseconds(1)) == "1")
        #expect(ConnectHeader.timeoutValue(.seconds(-5)) == "0")
        #expect(ConnectHeader.timeoutValue(.seconds(Int64.max)) == "9999999999")
    }

    @Test func onlyVersionOneWillDo() throws {
        try ConnectHeader.checkProtocolVersion("1")
        try ConnectHeader.checkProtocolVersion(nil)
        #expect(throws: ConnectError.self) { try ConnectHeader.checkProtocolVersion("2") }
    }

    @Test func bodiesArePlainOrGzip() throws {
        #expect(try ConnectHeader.contentEncoding(nil) == .identity)
        #expect(try ConnectHeader.contentEncoding("identity") == .identity)
        #expect(try ConnectHeader.contentEncoding(" GZIP ") == .gzip)
        for unknown in ["br", "gzip, gzip", "", "deflate\n"] {
            let error = #expect(throws: ConnectError.self) { try ConnectHeader.contentEncoding(unknown) }
            #expect(error?.code == .unimplemented)
            #expect(error?.message.contains("identity or gzip") == true)
        }
    }

    @Test func aRetryWindowReadsBackFromItsHeaders() {
        let window = RetryWindow(earliest: .milliseconds(1001), latest: .milliseconds(90_000))
        let values = ConnectHeader.retryValues(window)
        #expect(values.retryAfter == "2")
        #expect(values.retryWindow == "1001-90000")
        #expect(ConnectHeader.retryWindow(retryAfter: values.retryAfter, retryWindow: values.retryWindow) == window)
    }

    @Test func aMereRetryAfterStillSpreadsCallersOut() {
        let window = ConnectHeader.retryWindow(retryAfter: "10", retryWindow: nil)
        #expect(window == RetryWindow(earliest: .seconds(10), latest: .seconds(20)))
        #expect(ConnectHeader.retryWindow(retryAfter: "10", retryWindow: "nonsense") == window)
        #expect(ConnectHeader.retryWindow(retryAfter: "Fri, 31 Dec 1999 23:59:59 GMT", retryWindow: nil) == nil)
        #expect(ConnectHeader.retryWindow(retryAfter: nil, retryWindow: nil) == nil)
        #expect(ConnectHeader.retryWindow(retryAfter: String(repeating: "9", count: 18), retryWindow: nil) != nil)
    }

    @Test(arguments: ["", "-", "1-", "-1", "5-4", "1-2-3", "1--2", "0-99999999999999999", "a-b"])
    func aWindowThatIsNoneIsPassedOver(value: String) {
        #expect(ConnectHeader.retryWindow(retryAfter: nil, retryWindow: value) == nil)
    }

    @Test func byteCountsAreDigitsAlone() {
        #expect(ConnectHeader.byteCount("4294967296") == 4_294_967_296)
        for bad in [nil, "", "-1", "0x10", "1 ", String(repeating: "9", count: 19)] {
            #expect(ConnectHeader.byteCount(bad) == nil)
        }
    }
}
