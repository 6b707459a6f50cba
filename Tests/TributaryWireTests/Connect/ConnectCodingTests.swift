import Testing
import TributaryMath
import TributaryTesting
import TributaryWire

struct ConnectCodingTests {
    @Test(arguments: ConnectContentType.allCases)
    func aMessageReadsBackAsWritten(type: ConnectContentType) throws {
        var message = WireRegisterRequest()
        message.protocolVersion = 1
        message.registrationKey = .init(repeating: 7, count: 16)
        message.labels = ["site": "north", "a": "b"]
        let bytes = try ConnectCoding.encode(message, as: type)
        #expect(try ConnectCoding.decode(WireRegisterRequest.self, from: bytes, as: type) == message)
    }

    @Test(arguments: ConnectContentType.allCases)
    func theSameMessageGivesTheSameBytes(type: ConnectContentType) throws {
        let names = (0..<30).map { "label\($0)" }
        var first = WireRegisterRequest()
        var second = WireRegisterRequest()
        for name in names { first.labels[name] = name }
        for name in names.reversed() { second.labels[name] = name }
        #expect(try ConnectCoding.encode(first, as: type) == ConnectCoding.encode(second, as: type))
    }

    @Test func bothSpellingsOfAJSONFieldAreTaken() throws {
        for json in [#"{"waitMs":"5"}"#, #"{"wait_ms":5}"#] {
            #expect(try decode(WirePollRequest.self, json).waitMs == 5)
        }
    }

    @Test func anUnknownJSONFieldIsRefusedByNameOnAServer() throws {
        let error = try #require(failure(WirePollRequest.self, #"{"waitMs":5,"colour":"red"}"#))
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("'colour'"))
    }

    @Test func anUnknownJSONFieldIsPassedOverByAClient() throws {
        let json = #"{"task":{"id":"a/1/train","fresh":[1,{"x":[]}]},"more":null}"#
        let message = try ConnectCoding.decode(
            WirePollResponse.self, from: Array(json.utf8), as: .json, unknownFields: .ignore)
        #expect(message.task.id == "a/1/train")
    }

    @Test func anUnknownBinaryFieldIsPassedOverAndDropped() throws {
        // Field 15, a varint of 1, after wait_ms = 5.
        let message = try ConnectCoding.decode(WirePollRequest.self, from: [0x10, 5, 0x78, 1], as: .proto)
        #expect(message.waitMs == 5)
        #expect(try ConnectCoding.encode(message, as: .proto) == [0x10, 5])
    }

    @Test(arguments: [
        (#"{"waitMs":-1}"#, "waitMs"), (#"{"protocolVersion":"x","waitMs":1}"#, "protocolVersion"),
        (#"{"waitMs":1.5}"#, "waitMs"), (#"{"waitMs":[]}"#, "waitMs"),
    ])
    func aJSONFieldThatCannotBeReadIsNamed(json: String, field: String) throws {
        let error = try #require(failure(WirePollRequest.self, json))
        #expect(error.message.hasPrefix("field '\(field)'"))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "3", #"{"waitMs":1"#, #"{"waitMs":1}x"#, #"{"waitMs":1,}"#, #"{waitMs:1}"#,
        "\u{feff}{}", #"{"waitMs":18446744073709551616}"#,
    ])
    func whatIsNoJSONMessageIsRefusedInOneLine(json: String) throws {
        let error = try #require(failure(WirePollRequest.self, json))
        #expect(error.code == .invalidArgument)
        #expect(!error.message.contains("\n"))
        #expect(!error.message.isEmpty)
    }

    /// To find the place of a fault means to read a body again and again, which is not done for one that is long.
    @Test func theReasonOfALongBodyIsShortAndCheap() throws {
        let padding = String(repeating: " ", count: 20_000)
        let long = try #require(failure(WirePollRequest.self, #"{"waitMs":-1\#(padding)}"#))
        #expect(long.message.hasPrefix("the body is not a tributary.v1.PollRequest in application/json: "))
        #expect(long.message.hasSuffix(" (20013 bytes)"))
        let name = String(repeating: "e\u{301}", count: 500_000)
        let unknown = try #require(failure(WirePollRequest.self, #"{"\#(name)":1}"#))
        #expect(unknown.message.utf8.count < 200)
    }

    @Test(arguments: [[0x10], [0x10, 0x80], [0x0A, 5, 1], [0x13], [0xFF], [0x00, 0x00]] as [[UInt8]])
    func whatIsNoBinaryMessageIsRefused(bytes: [UInt8]) {
        #expect(throws: ConnectError.self) {
            try ConnectCoding.decode(WirePollRequest.self, from: bytes, as: .proto)
        }
    }

    @Test func nestingWithoutEndIsRefusedWhereverItStands() {
        let deep = String(repeating: "[", count: 100_000)
        let objects = String(repeating: #"{"task":"#, count: 50_000)
        for json in [deep, objects, #"{"x":"# + deep, #"{"x":"# + objects, #"{"layout":"# + deep] {
            for unknown in [ConnectCoding.UnknownFields.refuse, .ignore] {
                #expect(throws: ConnectError.self) {
                    try ConnectCoding.decode(
                        WirePollResponse.self, from: Array(json.utf8), as: .json, unknownFields: unknown)
                }
            }
        }
    }

    private func decode(_ type: WirePollRequest.Type, _ json: String) throws(ConnectError) -> WirePollRequest {
        try ConnectCoding.decode(type, from: Array(json.utf8), as: .json)
    }

    private func failure(_ type: WirePollRequest.Type, _ json: String) -> ConnectError? {
        do {
            _ = try decode(type, json)
            return nil
        } catch {
            return error
        }
    }
}
