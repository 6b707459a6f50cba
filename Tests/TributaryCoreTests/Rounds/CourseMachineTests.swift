import Testing
import TributaryCore
import TributaryMath

@Suite struct CourseMachineTests {
    private let course = CourseMachine.Course(rounds: 3, testEvery: 2, federatedEvery: 0, stopAccuracy: 0.9)

    @Test func opensRoundsInOrderAndEndsAfterTheLast() {
        var run = CourseMachine(course: course)
        for number in 1...3 {
            #expect(run.nextAction() == .openRound(RoundNumber(number)))
            let due = run.roundEnded(RoundNumber(number), number == 2 ? .abandoned : .committed)
            #expect(due.test == (number >= 2) && due.federated == (number == 3))
        }
        #expect(run.nextAction() == .end(.completed))
        #expect(run.modelVersion == ModelVersion(2))
    }

    /// Whether a run ends with its last round or at its target: the round is scored by clients if that is wanted at all.
    @Test(arguments: [(nil, []), (0, [4]), (2, [2, 4]), (3, [3, 4])] as [(Int?, [Int])])
    func asksClientsWhenThePlanSaysSo(interval: Int?, rounds: [Int]) {
        for (planned, reached) in [(4, nil), (9, 4)] as [(Int, Int?)] {
            var run = CourseMachine(
                course: CourseMachine.Course(
                    rounds: planned, testEvery: 1, federatedEvery: interval, stopAccuracy: 0.9))
            var asked: [Int] = []
            while case .openRound(let round) = run.nextAction() {
                _ = run.roundEnded(round, .committed)
                run.evaluated(Score(exampleCount: 1, loss: 0, accuracy: round.rawValue == reached ? 0.95 : 0.5))
                if run.evaluationsDue(after: round).federated { asked.append(round.rawValue) }
            }
            #expect(asked == rounds)
        }
    }

    @Test func endsAtTheTargetAndOnRequest() {
        var run = CourseMachine(course: course)
        _ = run.roundEnded(RoundNumber(1), .committed)
        run.evaluated(Score(exampleCount: 1, loss: 0, accuracy: 0.89))
        #expect(run.nextAction() == .openRound(RoundNumber(2)))
        var stopped = run
        stopped.stopRequested()
        #expect(stopped.nextAction() == .end(.interrupted))
        run.evaluated(Score(exampleCount: 1, loss: 0, accuracy: 0.9))
        #expect(run.nextAction() == .end(.reachedTarget))
    }

    @Test func goesOnFromWhereItWas() {
        let run = CourseMachine(course: course, lastRound: RoundNumber(2), modelVersion: ModelVersion(1))
        #expect(run.nextAction() == .openRound(RoundNumber(3)))
    }
}

@Suite struct ClientMachineTests {
    @Test func trainsThenUploadsThenRests() {
        var client = ClientMachine()
        expectEqual(client.invited(to: RoundNumber(1), exampleCount: 5), .train(RoundNumber(1)))
        expectEqual(client.trained(for: RoundNumber(1), at: at(10)), .upload(at: at(10), answerBy: at(40)))
        expectEqual(client.answered(for: RoundNumber(1)), .rest)
        #expect(client.phase == .idle)
    }

    @Test func newsOfADroppedTaskIsNotTakenForTheNewOnes() {
        var client = ClientMachine()
        var stream = Seed(1).stream()
        _ = client.invited(to: RoundNumber(1), exampleCount: 5)
        expectEqual(client.invited(to: RoundNumber(2), exampleCount: 5), .train(RoundNumber(2)))
        expectEqual(client.trained(for: RoundNumber(1), at: at(3)), .rest)
        #expect(client.phase == .training(RoundNumber(2)))
        _ = client.trained(for: RoundNumber(2), at: at(4))
        expectEqual(client.answerTimedOut(for: RoundNumber(1), at: at(5), stream: &stream), .rest)
        expectEqual(client.answered(for: RoundNumber(1)), .rest)
        #expect(client.phase == .uploading(RoundNumber(2), attempt: 1))
    }

    @Test func declinesWithoutData() {
        var client = ClientMachine()
        expectEqual(client.invited(to: RoundNumber(1), exampleCount: 0), .decline(.noData))
        expectEqual(client.trained(for: RoundNumber(1), at: at(1)), .rest)
    }

    @Test func repeatsTheUploadWithGrowingRandomWaitsAndGivesUp() {
        var client = ClientMachine()
        var stream = Seed(1).stream()
        _ = client.invited(to: RoundNumber(1), exampleCount: 1)
        _ = client.trained(for: RoundNumber(1), at: at(0))
        var now = at(30)
        for attempt in 1...4 {
            let action = client.answerTimedOut(for: RoundNumber(1), at: now, stream: &stream)
            guard case .upload(let start, let answerBy) = action else {
                Issue.record("gave up after \(attempt) attempts")
                return
            }
            #expect(start >= now && start <= now.advanced(by: .seconds(1 << (attempt - 1))))
            #expect(start.duration(to: answerBy) == .seconds(30))
            now = answerBy
        }
        expectEqual(client.answerTimedOut(for: RoundNumber(1), at: now, stream: &stream), .rest)
        #expect(client.phase == .idle)
    }
}
