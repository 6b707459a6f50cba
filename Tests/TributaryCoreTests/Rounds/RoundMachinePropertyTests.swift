import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// The rules of a round under random facts in random order, against a plain model of what each client was told.
@Suite struct RoundMachinePropertyTests {
    @Test(arguments: TestSeeds.first(400))
    func theRulesHoldWhateverHappens(seed: Seed) {
        var world = RoundWorld(seed: seed)
        world.play()
        let machine = world.machine
        #expect(machine.phase == .committed || machine.phase == .abandoned)
        #expect(world.endedBy <= world.deadline)
        // An answer, once given, never changes, and only the accepted count.
        #expect(Set(machine.contributors) == world.accepted)
        #expect(machine.contributionCount == world.accepted.count)
        #expect((machine.phase == .committed) == (world.accepted.count >= machine.limits.quorum))
        #expect(machine.contributionCount <= machine.limits.goal)
        let who = machine.participation
        #expect(who.reported + who.droppedCount == who.invited)
        #expect(world.contradictions.isEmpty)
    }
}

/// Plays random facts against a round and notes what clients are told.
private struct RoundWorld {
    var machine: RoundMachine
    var accepted: Set<ClientID> = []
    var contradictions: [String] = []
    var endedBy = Instant.start
    let deadline: Instant
    private var stream: RandomStream
    private var now = Instant.start
    private var told: [ClientID: RoundMachine.Answer] = [:]
    private var folding: [ClientID] = []
    private let clients: [ClientID]
    private var isOver = false

    init(seed: Seed) {
        stream = seed.stream()
        let count = 1 + stream.uniform(below: 12)
        let goal = 1 + stream.uniform(below: count)
        clients = (0..<count).map(ClientID.init(index:))
        machine = RoundMachine(
            round: RoundNumber(1),
            limits: .init(
                goal: goal, quorum: 1 + stream.uniform(below: goal), deadline: .seconds(20), lease: .seconds(4)))
        deadline = Instant(sinceStart: .seconds(20))
    }

    mutating func play() {
        follow(machine.cohortSelected(clients, at: now))
        while !isOver {
            now = now.advanced(by: .seconds(stream.exponential(mean: 0.3)))
            if now >= deadline {
                // The shell checks the deadline on time, then settles what is still being added.
                now = deadline
                follow(machine.deadlineChecked(at: now))
                while let client = folding.popLast() { settle(client) }
                endedBy = now
                if !isOver { contradictions.append("open after its deadline") }
                return
            }
            step()
        }
        endedBy = now
    }

    private mutating func step() {
        let client = clients[stream.uniform(below: clients.count)]
        switch stream.uniform(below: 6) {
        case 0, 1: arrive(client)
        case 2: machine.heartbeatReceived(from: client, at: now)
        case 3: follow(machine.leaseChecked(of: client, at: now))
        case 4 where stream.bernoulli(0.3): follow(machine.clientLost(client, cause: .duringTraining))
        default:
            if !folding.isEmpty { settle(folding.remove(at: stream.uniform(below: folding.count))) }
        }
    }

    private mutating func arrive(_ client: ClientID) {
        switch machine.updateArrived(from: client, at: now) {
        case .fold:
            if told[client] != nil || folding.contains(client) { contradictions.append("\(client) admitted twice") }
            folding.append(client)
        case .awaitFirstAnswer:
            if !folding.contains(client) { contradictions.append("\(client) waits for nothing") }
        case .answer(let answer):
            if let first = told[client], first != answer {
                contradictions.append("\(client) told \(first), then \(answer)")
            }
            told[client] = answer
        }
    }

    private mutating func settle(_ client: ClientID) {
        if stream.bernoulli(0.3) {
            told[client] = .refused(.notFinite)
            follow(machine.updateRefused(from: client, because: .notFinite, at: now))
        } else {
            told[client] = .accepted
            accepted.insert(client)
            follow(machine.updateFolded(from: client))
        }
    }

    private mutating func follow(_ progress: RoundMachine.Progress) {
        switch progress {
        case .wait: return
        case .commit:
            if !folding.isEmpty { contradictions.append("committed with an update still being added") }
            machine.modelCommitted()
        case .abandon: break
        }
        if isOver { contradictions.append("ended twice") }
        isOver = true
    }
}
