import SwiftProtobuf
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// A few thousand damaged inputs for each decoder: none may trap, and what is read comes back as it is written.
/// `Fuzzing/` goes on from here for as long as one likes.
@Suite struct DamagedInputTests {
    @Test(arguments: TestSeeds.first(4))
    func damagedMessagesNeverTrap(seed: Seed) throws {
        var samples = Samples(seed)
        for kind in TaskKind.allCases {
            let task = try samples.task(kind)
            var answer = WirePollResponse()
            answer.task = WireTask(task)
            try damage(answer, seed) { _ = try TaskDescription($0.task) }
            let result = try samples.result(kind)
            try damage(WireSubmitRequest(task: task.id, result: result), seed) { message in
                // By description: NaN is unlike itself.
                let read = try TaskResult(message)
                let again = try TaskResult(WireSubmitRequest(task: task.id, result: read))
                #expect(Self.text(again) == Self.text(read))
            }
        }
        let description = ClientDescription(name: "a", labels: samples.labels())
        try damage(
            WireRegisterRequest(description, registrationKey: Array(repeating: 1, count: 16), joinToken: ""), seed
        ) {
            _ = (try ClientDescription($0), try $0.checkedSecrets())
        }
        let run = try #require(RunID(rawValue: "mnist"))
        let request = RunRequest(run: run, plan: ["rounds": "3"], tensors: samples.tensors())
        try damage(WireCreateRunRequest(request), seed) { _ = try RunRequest($0) }
        try damage(WireSubmitResponse(.refused(.wrongSize), isDuplicate: true, retry: .now), seed) {
            _ = (try RoundMachine.Answer($0), RetryWindow($0.retry))
        }
    }

    @Test(arguments: TestSeeds.first(4))
    func damagedErrorsAndHeadersNeverTrap(seed: Seed) {
        var stream = seed.stream()
        let body = ConnectError(.notFound, "no run \"mnist\"").body
        for _ in 0..<3_000 {
            let error = ConnectError(httpStatus: 503, contentType: "application/json", body: damaged(body, &stream))
            #expect(error.message.utf8.count <= ConnectError.messageLimit + 3)
            for value in ["5000", "500-900", "application/json; charset=utf-8", "mnist/3/train", "1.4.0"] {
                let text = String(decoding: damaged(Array(value.utf8), &stream), as: UTF8.self)
                _ = (try? ConnectHeader.timeout(text), ConnectHeader.byteCount(text), SoftwareVersion(text))
                _ = ConnectHeader.retryWindow(retryAfter: text, retryWindow: text)
                _ = ConnectContentType(header: text)
                if let task = try? TaskID(wire: text) { #expect(task.description == text) }
            }
        }
    }

    private func damage<M: Message>(
        _ message: M, _ seed: Seed, _ convert: (M) throws -> Void
    ) throws {
        var stream = seed.derived("damage").stream()
        for type in ConnectContentType.allCases {
            let bytes = try ConnectCoding.encode(message, as: type)
            for _ in 0..<1_500 {
                let input = damaged(bytes, &stream)
                guard let read = try? ConnectCoding.decode(M.self, from: input, as: type, unknownFields: .ignore)
                else { continue }
                do {
                    try convert(read)
                } catch let error as ConnectError {
                    #expect(error.code == .invalidArgument && !error.message.contains("\n"))
                }
                let written = try ConnectCoding.encode(read, as: .proto)
                let again = try ConnectCoding.decode(M.self, from: written, as: .proto)
                #expect(try ConnectCoding.encode(again, as: .proto) == written)
            }
        }
    }

    private static func text(_ result: TaskResult) -> String {
        switch result {
        case .trained(let update):
            "\(update.blob) \(update.outcome) \(update.metrics.sorted { $0.key < $1.key })"
        case .evaluated(let evaluation, let metrics, let own):
            "\(evaluation) \(metrics.sorted { $0.key < $1.key }) \(own.map { "\($0)" } ?? "")"
        case .measured(let loss): "\(loss)"
        }
    }

    private func damaged(_ bytes: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
        var bytes = bytes
        for _ in 0...stream.uniform(below: 3) {
            let place = stream.uniform(below: bytes.count + 1)
            let end = min(bytes.count, place + stream.uniform(below: 12))
            switch stream.uniform(below: 6) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(stream.uniform(below: 8))
            case 1 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: stream.next())
            case 2 where stream.bernoulli(0.2): bytes.removeSubrange(place...)
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: bytes[place..<end], at: end)
            default: bytes.insert(UInt8(truncatingIfNeeded: stream.next()), at: place)
            }
        }
        return bytes
    }
}
