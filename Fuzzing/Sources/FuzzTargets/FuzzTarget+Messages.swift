import SwiftProtobuf
import TributaryCore
import TributaryWire

extension FuzzTarget {
    static let messages: [FuzzTarget] = [
        message("register", register) { _ = (try ClientDescription($0), try $0.checkedSecrets()) },
        message("renew", WireRenewRequest()),
        message("leave", WireLeaveRequest()),
        message("poll", WirePollRequest.with { $0.waitMs = 5_000 }) { _ = $0.wait },
        message("heartbeat", heartbeat) { _ = (try TaskID(wire: $0.taskID), $0.clampedProgress) },
        message("submit-training", trained, submission),
        message("submit-evaluation", evaluated, submission),
        message("report-failure", failure) { _ = (try $0.checkedMessage(), DropCause($0.cause)) },
        message("create-run", createRun) { _ = try RunRequest($0) },
        message("list-runs", WireListRunsRequest()),
        message(
            "get-run",
            WireGetRunRequest.with {
                $0.run = "mnist"; $0.withRounds = true
            }
        ) {
            _ = try RunID(wire: $0.run)
        },
        message(
            "watch-run",
            WireWatchRunRequest.with {
                $0.run = "mnist"; $0.waitMs = 9
            }
        ) { _ = $0.wait },
        message("pause-run", WirePauseRunRequest.with { $0.run = "mnist" }),
        message("resume-run", WireResumeRunRequest.with { $0.run = "mnist" }),
        message("stop-run", WireStopRunRequest.with { $0.run = "mnist" }),
        message("check-health", WireHealthCheckRequest()),
        message("poll-answer", pollAnswer) { _ = (try TaskDescription($0.task), RetryWindow($0.retry)) },
        message("submit-answer", WireSubmitResponse(.refused(.wrongSize), isDuplicate: true, retry: .now)) {
            _ = (try RoundMachine.Answer($0), RetryWindow($0.retry))
        },
    ]

    private static func message<M: Message>(
        _ name: String, _ example: M, _ convert: @escaping @Sendable (M) throws -> Void = { _ in }
    ) -> FuzzTarget {
        let seeds = ConnectContentType.allCases.compactMap { try? ConnectCoding.encode(example, as: $0) }
        return FuzzTarget(name, seeds: seeds) { bytes in
            for type in ConnectContentType.allCases {
                for unknown in [ConnectCoding.UnknownFields.refuse, .ignore] {
                    let read = try? ConnectCoding.decode(M.self, from: bytes, as: type, unknownFields: unknown)
                    guard let message = read else { continue }
                    try? convert(message)
                    let written = try? ConnectCoding.encode(message, as: .proto)
                    let again = written.flatMap { try? ConnectCoding.decode(M.self, from: $0, as: .proto) }
                    let rewritten = again.flatMap { try? ConnectCoding.encode($0, as: .proto) }
                    precondition(written == rewritten, "\(name): a message did not come back as it was written")
                }
            }
        }
    }

    @Sendable private static func submission(_ message: WireSubmitRequest) throws {
        let task = try TaskID(wire: message.taskID)
        let result = try TaskResult(message)
        let written = try ConnectCoding.encode(WireSubmitRequest(task: task, result: result), as: .proto)
        let again = try ConnectCoding.decode(WireSubmitRequest.self, from: written, as: .proto)
        let rewritten = try ConnectCoding.encode(
            WireSubmitRequest(task: task, result: try TaskResult(again)), as: .proto)
        precondition(rewritten == written, "a result did not come back as it was written")
    }

    private static let digest = String(repeating: "0a", count: 32)

    private static func blob(_ size: UInt64) -> WireBlob {
        .with {
            $0.sha256 = digest
            $0.size = size
            $0.encoding = .f32
        }
    }

    private static let register = WireRegisterRequest(
        ClientDescription(name: "north", labels: ["site": "north"], dataSignature: "28x28 -> 10 classes"),
        registrationKey: Array(repeating: 7, count: 32), joinToken: "secret")

    private static let heartbeat = WireHeartbeatRequest.with {
        $0.taskID = "mnist/3/train"
        $0.progress = 0.5
    }

    private static let trained = WireSubmitRequest.with {
        $0.taskID = "mnist/3/train"
        $0.training.update = blob(24)
        $0.training.exampleCount = 60
        $0.training.stepCount = 6
        $0.training.meanLoss = 0.25
        $0.training.metrics = ["accuracy": 0.9]
    }

    private static let evaluated = WireSubmitRequest.with {
        $0.taskID = "mnist/3/evaluate"
        $0.evaluation.exampleCount = 60
        $0.evaluation.lossSum = 12.5
        $0.evaluation.correctCount = 50
    }

    private static let failure = WireReportFailureRequest.with {
        $0.taskID = "mnist/3/train"
        $0.cause = .declined
        $0.message = "battery low"
    }

    private static let layout = [
        WireTensor.with {
            $0.name = "dense.weight"
            $0.shape = [2, 3]
        }
    ]

    private static let createRun = WireCreateRunRequest.with {
        $0.run = "mnist"
        $0.plan = ["rounds": "20", "cohort.fraction": "0.1"]
        $0.target.minimumClientVersion = "1.4"
        $0.layout = layout
        $0.initialModel = blob(24)
    }

    private static let pollAnswer = WirePollResponse.with {
        $0.retry.earliestMs = 5
        $0.task.id = "mnist/3/train"
        $0.task.kind = .train
        $0.task.model = blob(24)
        $0.task.layout = layout
        $0.task.training.epochs = 1
        $0.task.training.learningRate = 0.1
        $0.task.updateEncoding = .bf16
        $0.task.updateBound = 8
        $0.task.exampleLimit = 100
        $0.task.leaseMs = 30_000
    }
}
