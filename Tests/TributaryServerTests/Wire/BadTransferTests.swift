import NIOHTTP1
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

/// Transfers that are wrong, and callers who may not have what they ask for.
@Suite("Bad transfers")
struct BadTransferTests {
    @Test("Uploads that are cut off, too long or of another digest are told apart, and the round completes")
    func uploads() async throws {
        try await withWireServer { server in
            let client = try await server.client("north")
            try await server.createRun("trial", clients: 1)
            let task = try await client.task()
            let bytes = WireClient.soundUpdate
            let digest = try digest(of: bytes).rawValue
            func patch(_ fields: [(String, String)], _ body: [UInt8]) async throws -> TestServer.Answer {
                try await server.send(
                    .PATCH, "/v1/uploads/\(digest)", fields, body: body, credential: client.credential)
            }
            let wrong = try await server.send(
                .PUT, "/v1/uploads/\(digest)", body: [UInt8](repeating: 1, count: 84), credential: client.credential)
            #expect(wrong.status == 422)
            #expect(wrong.code == .invalidArgument)
            let size = try await server.send(
                .PUT, "/v1/uploads/\(digest)", body: [1, 2, 3], credential: client.credential)
            #expect(size.code == .invalidArgument)
            #expect(size.message.contains("84"))
            let huge = try await patch([("upload-offset", "0"), ("upload-length", "999999999999999999")], [1])
            #expect(huge.status == 413)
            let beyond = try await patch([("upload-offset", "80"), ("upload-length", "84")], [1, 2, 3, 4, 5])
            #expect(beyond.code == .invalidArgument)
            let ahead = try await patch([("upload-offset", "40"), ("upload-length", "84")], Array(bytes[40...]))
            #expect(ahead.status == 409)
            #expect(ahead.header("upload-offset") == "0")
            for bad in ["-1", "", "1e3", "18446744073709551616", "85"] {
                let answer = try await patch([("upload-offset", bad), ("upload-length", "84")], [1])
                #expect(answer.code == .invalidArgument, "\(bad): \(answer.text)")
            }
            let packed = try await patch(
                [("upload-offset", "0"), ("upload-length", "84"), ("content-encoding", "gzip")], gzip(bytes))
            #expect(packed.status == 415)
            for answer in [wrong, size, huge, beyond, ahead, packed] {
                #expect(isOneGoodLine(answer), "\(answer.text)")
            }
            #expect(try await client.work(on: task).receipt == .accepted)
        }
    }

    @Test("A client that begins uploads without end fills no disk, and its next task takes the rest away")
    func uploadsWithoutEnd() async throws {
        try await withWireServer { server in
            let client = try await server.client("north")
            try await server.createRun("trial", clients: 1, plan: ["rounds": "2"])
            let task = try await client.task()
            func begin(_ bytes: [UInt8]) async throws -> TestServer.Answer {
                let digest = try digest(of: bytes).rawValue
                return try await server.send(
                    .PATCH, "/v1/uploads/\(digest)", [("upload-offset", "0"), ("upload-length", "84")],
                    body: Array(bytes.prefix(9)), credential: client.credential)
            }
            #expect(try await begin(WireClient.soundUpdate).status == 204)
            let answers = try await withThrowingTaskGroup(of: TestServer.Answer.self) { group in
                for number in 0..<200 as Range<UInt8> { group.addTask { try await begin([number]) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let refused = answers.filter { $0.code == .resourceExhausted }
            #expect(refused.count == 193)
            #expect(refused.allSatisfy { $0.status == 429 && $0.header("tributary-retry-window") != nil })
            #expect(refused.allSatisfy { isOneGoodLine($0) && $0.message.contains("8 uploads") })
            #expect(try server.unfinishedUploads.count <= 8)
            // What it began first it may go on with.
            #expect(try await client.work(on: task).receipt == .accepted)
            let next = try await client.task()
            #expect(try await client.work(on: next).receipt == .accepted)
            while try !server.unfinishedUploads.isEmpty { await Task.yield() }
        }
    }

    @Test("What arrived before a connection broke is kept")
    func brokenUpload() async throws {
        try await withWireServer { server in
            let client = try await server.client("north")
            try await server.createRun("trial", clients: 1)
            let task = try await client.task()
            let bytes = WireClient.soundUpdate
            let digest = try digest(of: bytes).rawValue
            try await RawConnection.open(server.port) { connection in
                try await connection.send(
                    "PUT /v1/uploads/\(digest) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(client.credential)\r\n"
                        + "Content-Length: 84\r\n\r\n")
                try await connection.send(Array(bytes[..<50]))
            }
            var state = try await server.send(.HEAD, "/v1/uploads/\(digest)", credential: client.credential)
            while state.header("upload-offset") != "50" {
                state = try await server.send(.HEAD, "/v1/uploads/\(digest)", credential: client.credential)
            }
            let rest = try await server.send(
                .PATCH, "/v1/uploads/\(digest)", [("upload-offset", "50"), ("upload-length", "84")],
                body: Array(bytes[50...]), credential: client.credential)
            #expect(rest.status == 201)
            #expect(try await client.submit(WireClient.result(task.id, digest: digest)).receipt == .accepted)
        }
    }

    @Test("A client reads its tasks' models alone, and sends nothing that nobody expects")
    func strangers() async throws {
        try await withWireServer { server in
            let north = try await server.client("north", labels: ["side": "north"])
            let south = try await server.client("south", labels: ["side": "south"])
            try await server.createRun("cold", clients: 1, labels: ["side": "south"])
            let task = try await south.task()
            let (update, _) = try await south.upload(WireClient.soundUpdate)
            let nothing = String(repeating: "0", count: 64)
            for digest in [task.model.sha256, update, nothing] {
                for method in [HTTPMethod.GET, .HEAD] {
                    let answer = try await server.send(
                        method, "/v1/blobs/\(digest)", credential: north.credential)
                    #expect(answer.status == 403)
                }
                let nobody = try await server.send(.GET, "/v1/blobs/\(digest)")
                #expect(nobody.status == 401)
            }
            let own = try await server.send(.GET, "/v1/blobs/\(update)", credential: south.credential)
            #expect(own.code == .permissionDenied)
            let (_, unwanted) = try await north.upload(WireClient.soundUpdate)
            #expect(unwanted.status == 403)
            #expect(unwanted.message.contains("no update is expected"))
            let anonymous = try await server.send(.PUT, "/v1/uploads/\(update)", body: WireClient.soundUpdate)
            #expect(anonymous.status == 401)
            #expect(try await south.work(on: task).receipt == .accepted)
        }
    }

    @Test("Credentials end when they expire, and when their client leaves")
    func credentials() async throws {
        try await withWireServer {
            $0.credentialLifetime = .zero
        } _: { server in
            let client = try await server.client("north")
            let answer = try await server.call(.poll, #"{"protocolVersion":1}"#, credential: client.credential)
            #expect(answer.code == .unauthenticated)
            #expect(answer.header("www-authenticate") == "Bearer")
        }
        try await withWireServer { server in
            let client = try await server.client("north")
            #expect(try await server.call(.leave, "{}", credential: client.credential).status == 200)
            for method in [ConnectMethod.poll, .renew, .leave] {
                let answer = try await server.call(method, #"{}"#, credential: client.credential)
                #expect(answer.code == (method == .poll ? .failedPrecondition : .unauthenticated))
            }
            let poll = try await server.call(.poll, #"{"protocolVersion":1}"#, credential: client.credential)
            #expect(poll.code == .unauthenticated)
        }
    }

    @Test("Another's name is not to be had with another key")
    func names() async throws {
        try await withWireServer { server in
            _ = try await server.client("north")
            var request = WireRegisterRequest(
                ClientDescription(name: "north"), registrationKey: [UInt8](repeating: 9, count: 16),
                joinToken: WireServer.joinToken)
            request.protocolVersion = 1
            let error = await #expect(throws: ConnectError.self) { try await server.call(.register, request) }
            #expect(error?.code == .alreadyExists)
            #expect(error?.message.contains("north") == true)
        }
    }

    @Test(
        "Paths that are none lead nowhere",
        arguments: [
            "/v1/blobs/../../../etc/passwd", "/v1/blobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/v1/blobs/", "/v1/blobs",
            "/v1/uploads/../ledger.sqlite", "/runs/../secrets/join.token", "/runs/..%2fsecrets/join.token",
            "/runs/trial/../../ledger.sqlite", "/runs/trial/%2e%2e", "/runs/.hidden/x", "//v1//blobs", "/.", "*",
            "/v1/blobs/\(String(repeating: "A", count: 64))", "/v1/blobs/\(String(repeating: "a", count: 63))",
            "/tributary.v1.Tasks", "/tributary.v1.Tasks/", "/tributary.v1.Tasks/Poll/", "/TRIBUTARY.V1.TASKS/POLL",
            "/tributary.v2.Tasks/Poll", "/tributary.v1.Tasks/Drop", "/tributary.v1.Nothing/Poll",
        ])
    func paths(path: String) async throws {
        try await withWireServer { server in
            for method in ["GET", "POST", "PUT"] {
                let answer = try await RawConnection.open(server.port) { connection in
                    try await connection.send(
                        "\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n"
                            + "Authorization: Bearer \(WireServer.operatorToken)\r\n\r\n")
                    return await connection.receiveAll()
                }
                #expect(answer.hasPrefix("HTTP/1.1 4"), "\(method) \(path): \(answer)")
                #expect(!answer.contains("root:"))
            }
        }
    }
}
