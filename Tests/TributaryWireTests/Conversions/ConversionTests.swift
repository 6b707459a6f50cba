import SwiftProtobuf
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// Everything that goes over the wire, in either form, comes back as it was.
@Suite struct ConversionTests {
    private func sent<M: Message>(_ message: M, _ samples: inout Samples) throws -> M {
        let type = samples.pick(ConnectContentType.allCases)
        return try ConnectCoding.decode(M.self, from: ConnectCoding.encode(message, as: type), as: type)
    }

    @Test(arguments: TestSeeds.first(100))
    func tasksComeBack(seed: Seed) throws {
        var samples = Samples(seed)
        for kind in TaskKind.allCases {
            let task = try samples.task(kind)
            let message = try sent(WireTask(task), &samples)
            #expect(try TaskDescription(message) == task)
            #expect(message.round == UInt64(task.id.round.rawValue))
        }
    }

    @Test(arguments: TestSeeds.first(100))
    func resultsComeBack(seed: Seed) throws {
        var samples = Samples(seed)
        for kind in TaskKind.allCases {
            let task = try samples.taskID(kind)
            let result = try samples.result(kind)
            let message = try sent(WireSubmitRequest(task: task, result: result), &samples)
            #expect(try TaskID(wire: message.taskID) == task)
            #expect(try TaskResult(message) == result)
        }
    }

    @Test(arguments: TestSeeds.first(50))
    func registrationsComeBack(seed: Seed) throws {
        var samples = Samples(seed)
        let description = ClientDescription(
            name: samples.text(20), labels: samples.labels(), version: SoftwareVersion(1, 4, samples.pick([0, 9])),
            dataSignature: samples.text(40))
        let key = [UInt8](repeating: 3, count: samples.pick([16, 32, 64]))
        let message = try sent(
            WireRegisterRequest(description, registrationKey: key, joinToken: "secret"), &samples)
        #expect(try ClientDescription(message) == description)
        #expect(try Array(message.checkedSecrets().registrationKey) == key)
        #expect(message.protocolVersion == 1)
    }

    @Test(arguments: TestSeeds.first(50))
    func runRequestsComeBack(seed: Seed) throws {
        var samples = Samples(seed)
        let tensors = samples.pick([[], samples.tensors()])
        let count = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        let digest = try samples.digest()
        let model = TensorBlob(digest: digest, byteCount: 4 * count, encoding: .float32)
        let request = RunRequest(
            run: try #require(RunID(rawValue: "mnist-3")), plan: ["rounds": "20", "cohort.fraction": "0.1"],
            target: ClientTarget(
                labels: samples.labels(), minimumVersion: samples.pick([nil, SoftwareVersion(1, 0, 0)]),
                dataSignature: samples.text(9)),
            tensors: tensors, initialModel: samples.pick([nil, model]))
        #expect(try RunRequest(sent(WireCreateRunRequest(request), &samples)) == request)
    }

    @Test func everyAnswerComesBack() throws {
        var samples = Samples(Seed(1))
        let answers: [RoundMachine.Answer] =
            [.accepted, .late, .notInvited] + UpdateRefusal.allCases.map { .refused($0) }
        let retry = RetryWindow(earliest: .seconds(1), latest: .seconds(3))
        for answer in answers {
            let message = try sent(WireSubmitResponse(answer, isDuplicate: true, retry: retry), &samples)
            #expect(try RoundMachine.Answer(message) == answer)
            #expect(RetryWindow(message.retry) == retry)
            #expect(message.isDuplicate)
        }
    }

    @Test func aRefusalOfANewerServerReadsAsMalformed() throws {
        var message = WireSubmitResponse()
        message.receipt = .refused
        message.refusal = .UNRECOGNIZED(99)
        #expect(try RoundMachine.Answer(message) == .refused(.malformed))
    }

    @Test func everyRefusalHasACauseOfItsOwn() {
        #expect(Set(UpdateRefusal.allCases.map(\.dropCause)).count == UpdateRefusal.allCases.count)
        for refusal in UpdateRefusal.allCases { #expect(refusal.dropCause.rawValue == refusal.rawValue) }
    }

    @Test func aRoundsReportSaysWhoAndHowWell() throws {
        var summary = RoundSummary(
            round: RoundNumber(4), outcome: .committed, modelVersion: ModelVersion(3), learningRate: 0.1)
        summary.participation.invited = 10
        summary.participation.reported = 7
        summary.participation.dropped = [.late: 2, .beforeTraining: 1]
        summary.test = Score(exampleCount: 100, loss: 0.5, accuracy: 0.75)
        summary.timing.realSeconds = 1.5
        let report = WireRoundReport(summary)
        #expect(report.round == 4 && report.isCommitted && report.modelVersion == 3)
        #expect(report.dropped == ["late": 2, "before-training": 1])
        #expect(report.testAccuracy == 0.75 && report.testLoss == 0.5 && report.seconds == 1.5)
        #expect(!report.hasTrainLoss && !report.hasFederatedAccuracy)
        #expect(!report.hasPrivacyEpsilon && !report.hasPrivacyDelta)
        summary.privacy = RoundSummary.PrivacySpending(epsilon: 1.5, delta: 1e-5, noiseMultiplier: 2, clip: 0.5)
        let spent = try WireRoundReport(serializedBytes: WireRoundReport(summary).serializedBytes() as [UInt8])
        #expect(spent.privacyEpsilon == 1.5 && spent.privacyDelta == 1e-5 && spent.seconds == 1.5)
        let json = try WireRoundReport(jsonString: WireRoundReport(summary).jsonString())
        #expect(json == spent)
        summary.privacy?.epsilon = nil
        #expect(!WireRoundReport(summary).hasPrivacyEpsilon && WireRoundReport(summary).hasPrivacyDelta)
    }

    @Test func windowsOfAnyNumbersAreWindows() {
        var message = WireRetryWindow()
        message.earliestMs = .max
        message.latestMs = 3
        let window = RetryWindow(message)
        #expect(window.earliest == window.latest)
        #expect(window.earliest <= .milliseconds(WireLimits.milliseconds))
    }

    @Test func timesThatCannotBeWrittenAreBroughtWithinTheLimit() {
        let message = WireRetryWindow(RetryWindow(earliest: .seconds(-3), latest: .seconds(Int64.max)))
        #expect(message.earliestMs == 0)
        #expect(message.latestMs == UInt64(WireLimits.milliseconds))
        #expect(WireRetryWindow(RetryWindow(earliest: .microseconds(1), latest: .zero)).earliestMs == 1)
    }
}
