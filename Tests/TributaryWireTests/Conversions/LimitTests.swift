import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryWire

/// What breaks a limit of the protocol is refused by the name of its field.
@Suite struct LimitTests {
    @Test(arguments: TaskFault.all)
    func aTaskBeyondALimitIsRefused(fault: TaskFault) throws {
        var samples = Samples(Seed(7))
        var message = WireTask(try samples.task(.train))
        fault.change(&message)
        expectRefused(fault.field) { () throws(ConnectError) in _ = try TaskDescription(message) }
    }

    @Test(arguments: ResultFault.all)
    func aResultBeyondALimitIsRefused(fault: ResultFault) throws {
        var samples = Samples(Seed(8))
        let task = try samples.taskID(.train)
        var message = WireSubmitRequest(task: task, result: try samples.result(.train))
        fault.change(&message)
        expectRefused(fault.field) { () throws(ConnectError) in _ = try TaskResult(message) }
    }

    @Test func aTrainingThatDivergedIsLeftToTheCoordinatorToRefuse() throws {
        var samples = Samples(Seed(8))
        var message = WireSubmitRequest(task: try samples.taskID(.train), result: try samples.result(.train))
        message.training.meanLoss = .nan
        message.training.metrics["x"] = -.infinity
        guard case .trained(let update) = try TaskResult(message) else {
            Issue.record("a training became something else")
            return
        }
        #expect(update.outcome.meanLoss.isNaN && update.metrics["x"] == -.infinity)
    }

    @Test(arguments: RegistrationFault.all)
    func aRegistrationBeyondALimitIsRefused(fault: RegistrationFault) {
        var message = WireRegisterRequest(
            ClientDescription(name: "a"), registrationKey: Data(repeating: 1, count: 16), joinToken: "")
        fault.change(&message)
        expectRefused(fault.field) { () throws(ConnectError) in
            _ = try ClientDescription(message)
            _ = try message.checkedSecrets()
        }
    }

    @Test func aLayoutOfAsManyParametersAsAllowedIsTaken() throws {
        let tensors = [tensor("a", [1 << 30]), tensor("b", [1 << 15, 1 << 15])]
        #expect(try TensorLayout(tensors).count == 1 << 31)
        expectRefused("layout[2].shape") { () throws(ConnectError) in _ = try TensorLayout(tensors + [tensor("c", [])])
        }
    }

    @Test(arguments: [
        ("mnist/1/train ", false), ("mnist/01/train", false), ("mnist/+1/train", false), ("mnist/0/train", false),
        ("mnist/1/sleep", false), ("", false), ("mnist/1/train", true), ("mnist/9223372036854775808/train", false),
    ])
    func onlyTheNameThatWasGivenIsATasks(text: String, isOne: Bool) {
        #expect(((try? TaskID(wire: text)) != nil) == isOne)
    }

    @Test func aMessageOfAFailureIsCutNotLost() throws {
        var samples = Samples(Seed(3))
        let task = try samples.taskID(.train)
        let request = WireReportFailureRequest(
            task: task, cause: .declined, message: String(repeating: "ä", count: 5_000))
        #expect(try request.checkedMessage().hasPrefix("ää"))
        #expect(DropCause(request.cause) == .declined)
        var long = request
        long.message += "xxxx"
        expectRefused("message") { () throws(ConnectError) in _ = try long.checkedMessage() }
    }

    @Test func aProgressOfNonsenseIsNoReasonToLoseALease() {
        var heartbeat = WireHeartbeatRequest()
        for (progress, clamped) in [(0.5, 0.5), (-1, 0), (7, 1), (.nan, 0), (.infinity, 1)] as [(Float, Float)] {
            heartbeat.progress = progress
            #expect(heartbeat.clampedProgress == clamped)
        }
    }
}

private func tensor(_ name: String, _ shape: [Int]) -> WireTensor {
    WireTensor(TensorShape(name: name, shape: shape))
}

private func expectRefused(_ field: String, _ body: () throws(ConnectError) -> Void) {
    do {
        try body()
        Issue.record("nothing was refused; expected field \(field)")
    } catch {
        #expect(error.code == .invalidArgument)
        #expect(error.message.hasPrefix("field \(field)"), "\(error.message)")
        #expect(!error.message.contains("\n"))
    }
}

/// A way to break a task.
struct TaskFault: Sendable, CustomTestStringConvertible {
    let field: String
    let change: @Sendable (inout WireTask) -> Void
    var testDescription: String { field }

    static let all: [TaskFault] = [
        TaskFault(field: "id") { $0.id = "x" },
        TaskFault(field: "kind") { $0.kind = .evaluate },
        TaskFault(field: "kind") { $0.kind = .UNRECOGNIZED(9) },
        TaskFault(field: "model.sha256") { $0.model.sha256 = String(repeating: "A", count: 64) },
        TaskFault(field: "model.size") { $0.model.size += 1 },
        TaskFault(field: "model.size") { $0.model.size = .max },
        TaskFault(field: "model.encoding") { $0.model.encoding = .UNRECOGNIZED(9) },
        TaskFault(field: "model_version") { $0.modelVersion = .max },
        TaskFault(field: "layout") { $0.layout = [] },
        TaskFault(field: "layout") { $0.layout = (0...WireLimits.tensors).map { tensor("t\($0)", [1]) } },
        TaskFault(field: "layout[0].shape") { $0.layout = [tensor("a", [0])] },
        TaskFault(field: "layout[0].shape") { $0.layout[0].shape = [.max] },
        TaskFault(field: "layout[0].shape") { $0.layout[0].shape = [1 << 20, 1 << 20, 1 << 20, 1 << 20] },
        TaskFault(field: "layout[0].shape") { $0.layout[0].shape = Array(repeating: 1, count: 9) },
        TaskFault(field: "layout[0].name") { $0.layout[0].name = "" },
        TaskFault(field: "layout[0].name") { $0.layout[0].name = "__metadata__" },
        TaskFault(field: "layout[0].name") { $0.layout[0].name = String(repeating: "n", count: 201) },
        TaskFault(field: "layout[1].name") { $0.layout = [tensor("a", [1]), tensor("a", [1])] },
        TaskFault(field: "training: needs epochs") { $0.training.work = nil },
        TaskFault(field: "training.epochs") { $0.training.epochs = 0 },
        TaskFault(field: "training.learning_rate") { $0.training.learningRate = .nan },
        TaskFault(field: "training.clip_norm") { $0.training.clipNorm = -1 },
        TaskFault(field: "training.proximal") { $0.training.proximal = -0.5 },
        TaskFault(field: "training.momentum") { $0.training.momentum = .infinity },
        TaskFault(field: "method.name") { $0.method.name = "nova:mu" },
        TaskFault(field: "method.name") { $0.method.form = "nova-1" },
        TaskFault(field: "method.form") { ($0.method.name, $0.method.form) = ("nova", "") },
        TaskFault(field: "method.counted_round") {
            ($0.method.name, $0.method.form, $0.method.countedRound) = ("dyn", "dyn-1", .max)
        },
        TaskFault(field: "method.vectors[0].size") {
            ($0.method.name, $0.method.form, $0.method.vectors) = ("scaffold", "scaffold-1", [$0.model])
            $0.method.vectors[0].size += 4
        },
        TaskFault(field: "method.message_bounds[0]") {
            ($0.method.name, $0.method.form) = ("scaffold", "scaffold-1")
            ($0.method.vectors, $0.method.messageBounds) = ([], [.nan])
        },
        TaskFault(field: "update_encoding") { $0.updateEncoding = .unspecified },
        TaskFault(field: "update_bound") { $0.updateBound = .nan },
        TaskFault(field: "example_limit") { $0.exampleLimit = 1 << 63 },
        TaskFault(field: "lease_ms") { $0.leaseMs = .max },
        TaskFault(field: "time_left_ms") { $0.timeLeftMs = .max },
    ]
}

/// A way to break a result.
struct ResultFault: Sendable, CustomTestStringConvertible {
    let field: String
    let change: @Sendable (inout WireSubmitRequest) -> Void
    var testDescription: String { field }

    static let all: [ResultFault] = [
        ResultFault(field: "training, evaluation or measure") { $0.result = nil },
        ResultFault(field: "training.update: must be there") { $0.training.clearUpdate() },
        ResultFault(field: "training.update.sha256") { $0.training.update.sha256 = "" },
        ResultFault(field: "training.update.size") { $0.training.update.size = 1 << 40 + 1 },
        ResultFault(field: "training.update.encoding") { $0.training.update.encoding = .unspecified },
        ResultFault(field: "training.compression") { $0.training.compression = "topk:2" },
        ResultFault(field: "training.compression") { $0.training.compression = String(repeating: "x", count: 201) },
        ResultFault(field: "training.example_count") { $0.training.exampleCount = .max },
        ResultFault(field: "training.method.figures") { $0.training.method.figures = Array(repeating: 1, count: 65) },
        ResultFault(field: "training.method.form") { $0.training.method.form = "a\nb" },
        ResultFault(field: "training.metrics['']") { $0.training.metrics[""] = 0 },
        ResultFault(field: "training.metrics") {
            for index in 0..<33 { $0.training.metrics["\(index)"] = 0 }
        },
        ResultFault(field: "training.metrics['") { $0.training.metrics = [String(repeating: "n", count: 101): 1] },
        ResultFault(field: "evaluation.correct_count") { $0.evaluation.correctCount = 1 },
    ]
}

/// A way to break a registration.
struct RegistrationFault: Sendable, CustomTestStringConvertible {
    let field: String
    let change: @Sendable (inout WireRegisterRequest) -> Void
    var testDescription: String { field }

    static let all: [RegistrationFault] = [
        RegistrationFault(field: "name") { $0.name = String(repeating: "n", count: 201) },
        RegistrationFault(field: "name") { $0.name = "a\nb" },
        RegistrationFault(field: "labels") { for index in 0..<33 { $0.labels["\(index)"] = "" } },
        RegistrationFault(field: "labels['k']") { $0.labels["k"] = String(repeating: "v", count: 201) },
        RegistrationFault(field: "labels['']") { $0.labels[""] = "v" },
        RegistrationFault(field: "client_version") { $0.clientVersion = "" },
        RegistrationFault(field: "client_version") { $0.clientVersion = "one" },
        RegistrationFault(field: "data_signature") { $0.dataSignature = String(repeating: "n", count: 1001) },
        RegistrationFault(field: "registration_key") { $0.registrationKey = Data(repeating: 1, count: 15) },
        RegistrationFault(field: "registration_key") { $0.registrationKey = Data(repeating: 1, count: 65) },
        RegistrationFault(field: "join_token") { $0.joinToken = String(repeating: "n", count: 1001) },
    ]
}
