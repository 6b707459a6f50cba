import Testing
import TributaryCore

/// What a round does in each situation a coordinator knows.
@Suite struct RoundMachineTests {
    @Test func commitsWhenTheGoalIsReached() {
        var round = opened(clients: 3, goal: 2, quorum: 1)
        expectEqual(round.updateArrived(from: client(0), at: at(1)), .fold)
        expectEqual(round.updateFolded(from: client(0)), .wait)
        expectEqual(round.updateArrived(from: client(1), at: at(2)), .fold)
        #expect(round.phase == .draining)
        expectEqual(round.updateArrived(from: client(2), at: at(3)), .answer(.late))
        expectEqual(round.updateFolded(from: client(1)), .commit)
        #expect(round.contributors == [client(0), client(1)])
        round.modelCommitted()
        #expect(round.phase == .committed)
        #expect(round.participation.dropped == [.late: 1])
    }

    @Test func waitsForNobodyWhoIsKnownToBeLost() {
        var round = opened(clients: 3, goal: 3, quorum: 1)
        expectEqual(round.clientLost(client(0), cause: .beforeTraining), .wait)
        expectEqual(round.updateArrived(from: client(1), at: at(1)), .fold)
        expectEqual(round.updateFolded(from: client(1)), .wait)
        expectEqual(round.clientLost(client(2), cause: .beforeUpload), .commit)
        #expect(round.participation.dropped == [.beforeTraining: 1, .beforeUpload: 1])
    }

    @Test func isAbandonedBelowTheQuorum() {
        var round = opened(clients: 3, goal: 3, quorum: 2)
        expectEqual(round.updateArrived(from: client(0), at: at(1)), .fold)
        expectEqual(round.updateFolded(from: client(0)), .wait)
        expectEqual(round.deadlineChecked(at: at(9)), .wait)
        expectEqual(round.deadlineChecked(at: at(10)), .abandon)
        expectEqual(round.updateArrived(from: client(1), at: at(11)), .answer(.late))
    }

    @Test func commitsAtTheDeadlineWithAQuorumOnceAdmittedUpdatesAreAdded() {
        var round = opened(clients: 3, goal: 3, quorum: 2)
        _ = round.updateArrived(from: client(0), at: at(1))
        expectEqual(round.updateFolded(from: client(0)), .wait)
        expectEqual(round.updateArrived(from: client(1), at: at(9)), .fold)
        expectEqual(round.deadlineChecked(at: at(10)), .wait)
        #expect(round.phase == .draining)
        expectEqual(round.updateFolded(from: client(1)), .commit)
    }

    @Test func anUpdateAtTheInstantOfTheDeadlineIsLate() {
        var round = opened(clients: 2, goal: 2, quorum: 1)
        expectEqual(round.updateArrived(from: client(0), at: at(9.999)), .fold)
        expectEqual(round.updateFolded(from: client(0)), .wait)
        expectEqual(round.updateArrived(from: client(1), at: at(10)), .answer(.late))
        expectEqual(round.deadlineChecked(at: at(10)), .commit)
    }

    @Test func aRepeatedUpdateGetsTheFirstAnswerAndCountsOnce() {
        var round = opened(clients: 2, goal: 2, quorum: 1)
        expectEqual(round.updateArrived(from: client(0), at: at(1)), .fold)
        expectEqual(round.updateArrived(from: client(0), at: at(1)), .awaitFirstAnswer)
        _ = round.updateFolded(from: client(0))
        expectEqual(round.updateArrived(from: client(0), at: at(2)), .answer(.accepted))
        expectEqual(round.updateArrived(from: client(1), at: at(3)), .fold)
        expectEqual(round.updateRefused(from: client(1), because: .notFinite, at: at(3)), .commit)
        expectEqual(round.updateArrived(from: client(1), at: at(4)), .answer(.refused(.notFinite)))
        #expect(round.contributionCount == 1)
        #expect(round.duplicateCount == 3)
    }

    @Test func aRefusedUpdateFreesItsPlace() {
        var round = opened(clients: 3, goal: 1, quorum: 1)
        expectEqual(round.updateArrived(from: client(0), at: at(1)), .fold)
        #expect(round.openPlaces == 0)
        expectEqual(round.updateRefused(from: client(0), because: .outOfBound, at: at(1)), .wait)
        #expect(round.openPlaces == 1)
        expectEqual(round.updateArrived(from: client(1), at: at(2)), .fold)
        expectEqual(round.updateFolded(from: client(1)), .commit)
    }

    @Test func whatHappensToOthersWhileAnUpdateIsAddedIsNotForgotten() {
        var round = opened(clients: 3, goal: 1, quorum: 1)
        expectEqual(round.updateArrived(from: client(0), at: at(1)), .fold)
        #expect(round.phase == .draining)
        expectEqual(round.clientLost(client(1), cause: .duringTraining), .wait)
        round.heartbeatReceived(from: client(2), at: at(2))
        expectEqual(round.updateRefused(from: client(0), because: .notFinite, at: at(2)), .wait)
        expectEqual(round.leaseChecked(of: client(2), at: at(4)), .wait)
        expectEqual(round.leaseChecked(of: client(2), at: at(5)), .abandon)
        #expect(round.participation.dropped == [.notFinite: 1, .duringTraining: 1, .stalled: 1])
    }

    @Test func aSilentClientIsGivenUpWhenItsLeaseEndsAndWelcomeIfItReturns() {
        var round = opened(clients: 2, goal: 2, quorum: 1)
        round.heartbeatReceived(from: client(0), at: at(2))
        expectEqual(round.leaseChecked(of: client(0), at: at(4)), .wait)
        #expect(round.participation.dropped[.stalled] == nil, "the heartbeat renewed its lease")
        expectEqual(round.leaseChecked(of: client(0), at: at(5)), .wait)
        #expect(round.participation.dropped[.stalled] == 1)
        expectEqual(round.updateArrived(from: client(0), at: at(6)), .fold)
        _ = round.updateFolded(from: client(0))
        #expect(round.participation.dropped[.stalled] == nil)
        expectEqual(round.leaseChecked(of: client(1), at: at(6)), .commit)
    }

    @Test func strangersHaveNoTask() {
        var round = opened(clients: 1, goal: 1, quorum: 1)
        expectEqual(round.updateArrived(from: client(9), at: at(1)), .answer(.notInvited))
        expectEqual(round.clientLost(client(9), cause: .stalled), .wait)
        #expect(round.participation.invited == 1)
    }

    @Test func aRoundWithoutClientsIsAbandoned() {
        var round = RoundMachine(round: RoundNumber(1), limits: limits(goal: 1, quorum: 1))
        expectEqual(round.cohortSelected([], at: at(0)), .abandon)
    }

    private func opened(clients: Int, goal: Int, quorum: Int) -> RoundMachine {
        var round = RoundMachine(round: RoundNumber(1), limits: limits(goal: goal, quorum: quorum))
        expectEqual(round.cohortSelected((0..<clients).map(ClientID.init(index:)), at: at(0)), .wait)
        return round
    }

    private func limits(goal: Int, quorum: Int) -> RoundMachine.Limits {
        RoundMachine.Limits(goal: goal, quorum: quorum, deadline: .seconds(10), lease: .seconds(3))
    }
}

func client(_ index: Int) -> ClientID { ClientID(index: index) }
func at(_ seconds: Double) -> Instant { Instant(sinceStart: .seconds(seconds)) }
