import SwiftProtobuf
import Testing
import TributaryWire

/// Each message in both of its forms, as other implementations of Protocol Buffers write them (made with Google's Python
/// library): a change of the protocol that those who are out there would not understand shows here.
@Suite struct GoldenTests {
    @Test(arguments: Golden.all)
    func aMessageIsWrittenAndReadAsItWas(golden: Golden) throws {
        try golden.check()
    }

    @Test func everyMessageOfACallIsPinned() {
        let pinned = Set(Golden.all.map(\.name))
        #expect(pinned.isSuperset(of: Golden.ofCalls))
    }
}

/// A message as JSON and in binary, in hexadecimal digits.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let check: @Sendable () throws -> Void
    var testDescription: String { name }

    init<M: Message & Equatable>(_ type: M.Type, json: String, binary: String) {
        name = "\(type)"
        let json = json.replacing("SHA", with: String(repeating: "a1", count: 32))
        let digest = String(repeating: "6131", count: 32)
        let bytes = Self.bytes(binary.replacing("SHA", with: digest))
        check = {
            let message = try ConnectCoding.decode(M.self, from: Array(json.utf8), as: .json)
            #expect(try ConnectCoding.decode(M.self, from: bytes, as: .proto) == message)
            #expect(try ConnectCoding.encode(message, as: .proto) == bytes)
            #expect(try String(decoding: ConnectCoding.encode(message, as: .json), as: UTF8.self) == json)
        }
    }

    static let all = enrolment + tasks + runs

    /// The types of the messages that calls take and give.
    static let ofCalls: [String] = [
        "Register", "Renew", "Leave", "Poll", "Heartbeat", "Submit", "ReportFailure", "CreateRun", "ListRuns", "GetRun",
        "WatchRun", "PauseRun", "ResumeRun", "StopRun", "HealthCheck",
    ].flatMap { ["Wire\($0)Request", "Wire\($0)Response"] }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap { $0.hexDigitValue.map(UInt8.init) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
