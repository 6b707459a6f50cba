import Testing
import TributaryCore
import TributaryMath

/// Rounds that last until their deadline whoever has answered, and commit whatever has come.
@Suite struct TimedRoundTests {
    private func at(_ seconds: Double) -> Instant { Instant(sinceStart: .seconds(seconds)) }

    private var limits: RoundMachine.Limits {
        var limits = RoundMachine.Limits(goal: .max, quorum: 1, deadline: .seconds(10), lease: .seconds(3))
        limits.isTimed = true
        return limits
    }

    private func opened(clients: Int) -> RoundMachine {
        var round = RoundMachine(round: RoundNumber(1), limits: limits)
        let progress = round.cohortSelected((0..<clients).map(ClientID.init(index:)), at: at(0))
        #expect(progress == .wait && round.phase == .collecting)
        return round
    }

    @Test func aRoundOfNobodyLastsItsTimeAndCommits() {
        var round = opened(clients: 0)
        expectEqual(round.deadlineChecked(at: at(9.999)), .wait)
        expectEqual(round.deadlineChecked(at: at(10)), .commit)
        #expect(round.participation.invited == 0 && round.phase == .committing)
    }

    @Test func whoIsDrawnMayComeAsLongAsItIsOpen() {
        var round = opened(clients: 3)
        let (late, lost, absent) = (ClientID(index: 0), ClientID(index: 1), ClientID(index: 2))
        #expect(round.awaits(late) && round.leaseEnd(of: late) == nil)
        round.clientReturned(lost, at: at(1))
        #expect(round.leaseEnd(of: lost) == at(4))
        expectEqual(round.clientLost(lost, cause: .failed), .wait)
        round.clientReturned(late, at: at(8))
        expectEqual(round.updateArrived(from: late, at: at(9)), .fold)
        expectEqual(round.updateFolded(from: late), .wait)
        #expect(round.awaits(lost) && round.awaits(absent))
        expectEqual(round.updateArrived(from: absent, at: at(10)), .answer(.late))
        expectEqual(round.deadlineChecked(at: at(10)), .commit)
        #expect(round.contributors == [late] && round.participation.dropped == [.failed: 1, .late: 1])
    }

    /// Whatever happens before it, nothing ends such a round but its deadline; a new start of the coordinator included.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func nothingElseEndsIt(seed: UInt64) {
        var stream = Seed(seed).derived("timed").stream()
        let count = stream.uniform(below: 5)
        var round = opened(clients: count)
        var (accepted, folding): (Set<ClientID>, Set<ClientID>) = ([], [])
        for step in 1...40 where count > 0 {
            let (now, client) = (at(Double(step) / 4), ClientID(index: stream.uniform(below: count)))
            guard now < at(10) else { break }
            var progress = RoundMachine.Progress.wait
            switch stream.uniform(below: 8) {
            case 0: round.clientReturned(client, at: now)
            case 1: progress = round.clientLost(client, cause: .failed)
            case 2: progress = round.leaseChecked(of: client, at: now)
            case 3: progress = round.closed(at: now)
            case 4: progress = round.deadlineChecked(at: now)
            case 5 where folding.isEmpty:
                round = RoundMachine(
                    recovering: RoundNumber(1), limits: limits, cohort: (0..<count).map(ClientID.init(index:)),
                    accepted: accepted, closesAt: at(10), at: now)
                progress = round.recovered(at: now)
            case 6 where folding.contains(client):
                folding.remove(client)
                accepted.insert(client)
                progress = round.updateFolded(from: client)
            default:
                if case .fold = round.updateArrived(from: client, at: now) { folding.insert(client) }
            }
            #expect(progress == .wait && round.phase == .collecting, "step \(step)")
        }
        var end = round.deadlineChecked(at: at(10))
        for client in folding { end = round.updateFolded(from: client) }
        #expect(end == .commit && round.contributionCount == accepted.count + folding.count)
    }
}
