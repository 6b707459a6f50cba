import NIOHTTP1
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

/// Calls that are wrong in themselves, whoever makes them.
@Suite("Bad calls")
struct BadCallTests {
    /// A bad call, and what it must be told.
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var method: ConnectMethod
        var json: String
        var code: ConnectCode
        var status: Int
        /// What the message names.
        var names: String
        var shows: Credential = .client

        enum Credential: Sendable { case none, client, wrong, operatorToken }

        var testDescription: String { what }
    }

    private static func register(_ fields: String) -> String {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        return
            #"{"protocolVersion":1,"joinToken":"the-join-token","registrationKey":"\#(key)","clientVersion":"1.0.0"\#(fields)}"#
    }

    private static func submit(_ fields: String, update: String = #""size":"84","encoding":"ENCODING_F32""#) -> String {
        let digest = String(repeating: "a", count: 64)
        return
            #"{"taskId":"trial/1/train","training":{"update":{"sha256":"\#(digest)",\#(update)}\#(fields)}}"#
    }

    private static func map(_ count: Int) -> String {
        (0..<count).map { #""label-\#($0)":"x""# }.joined(separator: ",")
    }

    static let cases: [Case] = enrolment + tasks + results + runs

    private static let enrolment = [
        Case(
            what: "a wrong join token", method: .register,
            json: register("").replacing("the-join-token", with: "a guess"), code: .unauthenticated, status: 401,
            names: "join token"),
        Case(
            what: "no join token", method: .register, json: register("").replacing("the-join-token", with: ""),
            code: .unauthenticated, status: 401, names: "join token"),
        Case(
            what: "a protocol to come", method: .register,
            json: register("").replacing(#""protocolVersion":1"#, with: #""protocolVersion":2"#),
            code: .failedPrecondition, status: 400, names: "version 2"),
        Case(
            what: "a negative version", method: .register,
            json: register("").replacing(#""protocolVersion":1"#, with: #""protocolVersion":-1"#),
            code: .invalidArgument, status: 400, names: "protocolVersion"),
        Case(
            what: "too many labels", method: .register, json: register(#","labels":{\#(map(33))}"#),
            code: .invalidArgument, status: 400, names: "labels"),
        Case(
            what: "a huge map of labels", method: .register, json: register(#","labels":{\#(map(20_000))}"#),
            code: .invalidArgument, status: 400, names: "labels"),
        Case(
            what: "a name of two lines", method: .register, json: register(#","name":"a\nb""#),
            code: .invalidArgument, status: 400, names: "name"),
        Case(
            what: "a short key", method: .register,
            json: #"{"protocolVersion":1,"joinToken":"the-join-token","registrationKey":"AAAA","clientVersion":"1"}"#,
            code: .invalidArgument, status: 400, names: "registration_key"),
        Case(
            what: "a version that is none", method: .register,
            json: register("").replacing("1.0.0", with: "one"), code: .invalidArgument, status: 400,
            names: "client_version"),
    ]

    private static let tasks = [
        Case(
            what: "no credential", method: .poll, json: #"{"protocolVersion":1}"#, code: .unauthenticated, status: 401,
            names: "register", shows: .none),
        Case(
            what: "a wrong credential", method: .poll, json: #"{"protocolVersion":1}"#, code: .unauthenticated,
            status: 401, names: "register", shows: .wrong),
        Case(
            what: "the operators' token in a client's call", method: .poll, json: #"{"protocolVersion":1}"#,
            code: .unauthenticated, status: 401, names: "register", shows: .operatorToken),
        Case(
            what: "no protocol version", method: .poll, json: "{}", code: .failedPrecondition, status: 400,
            names: "version 0"),
        Case(
            what: "a field that is not known", method: .poll, json: #"{"protocolVersion":1,"waitSeconds":3}"#,
            code: .invalidArgument, status: 400, names: "waitSeconds"),
        Case(
            what: "a wait beyond 64 bits", method: .poll,
            json: #"{"protocolVersion":1,"waitMs":"18446744073709551616"}"#, code: .invalidArgument, status: 400,
            names: "waitMs"),
        Case(
            what: "a negative wait", method: .poll, json: #"{"protocolVersion":1,"waitMs":-5}"#,
            code: .invalidArgument, status: 400, names: "waitMs"),
        Case(
            what: "JSON that is cut off", method: .poll, json: #"{"protocolVersion":1"#, code: .invalidArgument,
            status: 400, names: "PollRequest"),
        Case(
            what: "JSON that is a list", method: .poll, json: "[1, 2]", code: .invalidArgument, status: 400,
            names: "PollRequest"),
        Case(
            what: "JSON a thousand levels deep", method: .poll,
            json: String(repeating: #"{"a":"#, count: 1000) + "1" + String(repeating: "}", count: 1000),
            code: .invalidArgument, status: 400, names: ""),
        Case(
            what: "a task that is none", method: .heartbeat, json: #"{"taskId":"../../etc/passwd"}"#,
            code: .invalidArgument, status: 400, names: "task_id"),
        Case(
            what: "a task of a negative round", method: .heartbeat, json: #"{"taskId":"trial/-1/train"}"#,
            code: .invalidArgument, status: 400, names: "task_id"),
        Case(
            what: "a message of a megabyte", method: .reportFailure,
            json: #"{"taskId":"trial/1/train","message":"\#(String(repeating: "x", count: 1_000_000))"}"#,
            code: .invalidArgument, status: 400, names: "message"),
        Case(
            what: "a body beyond the limit", method: .reportFailure,
            json: #"{"taskId":"trial/1/train","message":"\#(String(repeating: "x", count: 2_000_000))"}"#,
            code: .resourceExhausted, status: 429, names: "1048576"),
    ]

    private static let results = [
        Case(
            what: "no result", method: .submit, json: #"{"taskId":"trial/1/train"}"#, code: .invalidArgument,
            status: 400, names: "training, evaluation or measure"),
        Case(
            what: "two results", method: .submit, json: #"{"taskId":"trial/1/train","training":{},"evaluation":{}}"#,
            code: .invalidArgument, status: 400, names: "only one may be"),
        Case(
            what: "no update", method: .submit, json: #"{"taskId":"trial/1/train","training":{}}"#,
            code: .invalidArgument, status: 400, names: "training.update"),
        Case(
            what: "a digest that is none", method: .submit,
            json: submit("").replacing("aaaa", with: "AAAA"), code: .invalidArgument, status: 400,
            names: "training.update.sha256"),
        Case(
            what: "an unknown encoding", method: .submit,
            json: submit("", update: #""size":"84","encoding":"ENCODING_F8""#), code: .invalidArgument, status: 400,
            names: "training"),
        Case(
            what: "a size of 2^64 - 1", method: .submit,
            json: submit("", update: #""size":"18446744073709551615","encoding":"ENCODING_F32""#),
            code: .invalidArgument, status: 400, names: "training.update.size"),
        Case(
            what: "2^64 - 1 examples", method: .submit, json: submit(#","exampleCount":"18446744073709551615""#),
            code: .invalidArgument, status: 400, names: "training.example_count"),
        Case(
            what: "a huge map of metrics", method: .submit,
            json: submit(#","metrics":{\#(map(20_000).replacing(#""x""#, with: "1"))}"#), code: .invalidArgument,
            status: 400, names: "training.metrics"),
        Case(
            what: "more right than there are", method: .submit,
            json: #"{"taskId":"trial/1/evaluate","evaluation":{"exampleCount":1,"correctCount":2}}"#,
            code: .invalidArgument, status: 400, names: "evaluation.correct_count"),
    ]

    private static let runs = [
        Case(
            what: "an operator's call without a token", method: .listRuns, json: "{}", code: .unauthenticated,
            status: 401, names: "operator", shows: .none),
        Case(
            what: "an operator's call by a client", method: .stopRun, json: #"{"run":"trial"}"#,
            code: .permissionDenied, status: 403, names: "operator"),
        Case(
            what: "a run that does not exist", method: .getRun, json: #"{"run":"nothing"}"#, code: .notFound,
            status: 404, names: "nothing", shows: .operatorToken),
        Case(
            what: "a run's name that is a path", method: .getRun, json: #"{"run":"../ledger"}"#,
            code: .invalidArgument, status: 400, names: "run", shows: .operatorToken),
        Case(
            what: "a plan field that is not known", method: .createRun, json: #"{"run":"x","plan":{"ronds":"3"}}"#,
            code: .invalidArgument, status: 400, names: "ronds", shows: .operatorToken),
        Case(
            what: "a plan with NaN", method: .createRun, json: #"{"run":"x","plan":{"server.update-bound":"nan"}}"#,
            code: .invalidArgument, status: 400, names: "update-bound", shows: .operatorToken),
        Case(
            what: "a plan of negative rounds", method: .createRun, json: #"{"run":"x","plan":{"rounds":"-3"}}"#,
            code: .invalidArgument, status: 400, names: "rounds", shows: .operatorToken),
        Case(
            what: "a plan of 257 fields", method: .createRun, json: #"{"run":"x","plan":{\#(map(257))}}"#,
            code: .invalidArgument, status: 400, names: "plan", shows: .operatorToken),
        Case(
            what: "a layout of 2^126 numbers", method: .createRun,
            json: #"{"run":"x","layout":[{"name":"w","shape":["9223372036854775807","9223372036854775807"]}]}"#,
            code: .invalidArgument, status: 400, names: "layout", shows: .operatorToken),
    ]

    @Test("Each is told what is wrong in one line, and a client's round completes afterwards")
    func refusals() async throws {
        try await withWireServer {
            $0.longestWait = .milliseconds(20)
        } _: { server in
            let client = try await server.client("north")
            for bad in Self.cases {
                let credential: String? =
                    switch bad.shows {
                    case .none: nil
                    case .client: client.credential
                    case .wrong: client.credential.dropLast(4) + "0000"
                    case .operatorToken: WireServer.operatorToken
                    }
                let answer = try await server.call(bad.method, bad.json, credential: credential)
                #expect(answer.code == bad.code, "\(bad.what): \(answer.text)")
                #expect(answer.status == bad.status, "\(bad.what): \(answer.text)")
                #expect(answer.message.contains(bad.names), "\(bad.what): \(answer.message)")
                #expect(isOneGoodLine(answer, secrets: [client.credential]), "\(bad.what): \(answer.text)")
            }
            try await server.createRun("after", clients: 1)
            #expect(try await client.work(on: try await client.task()).receipt == .accepted)
            #expect(try await server.run("after", after: 1).lastReport.isCommitted)
        }
    }

    @Test("Garbage for protobuf is invalid_argument on every call, whatever it is")
    func garbage() async throws {
        try await withWireServer { server in
            let client = try await server.client("north")
            for method in ConnectMethod.allCases where method != .checkHealth {
                let token = method.service.hasSuffix("Runs") ? WireServer.operatorToken : client.credential
                for body in [[0xff, 0xff, 0xff], [0x0a, 0x7f, 0x41], [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]] as [[UInt8]]
                {
                    let answer = try await server.send(
                        .POST, method.path, [("content-type", "application/proto")], body: body, credential: token)
                    #expect(answer.status == 400, "\(method): \(answer.text)")
                    #expect(answer.code == .invalidArgument, "\(method): \(answer.text)")
                    #expect(isOneGoodLine(answer))
                }
            }
        }
    }

    @Test("The largest wait is cut to the server's own")
    func longestWait() async throws {
        try await withWireServer {
            $0.longestWait = .milliseconds(20)
        } _: { server in
            let client = try await server.client("north")
            let answer = try await server.call(
                .poll, #"{"protocolVersion":1,"waitMs":"18446744073709551615"}"#, credential: client.credential)
            #expect(answer.status == 200)
            let beat = try await server.call(
                .heartbeat, #"{"taskId":"trial/1/train","progress":"NaN"}"#, credential: client.credential)
            #expect(beat.status == 200)
        }
    }
}
