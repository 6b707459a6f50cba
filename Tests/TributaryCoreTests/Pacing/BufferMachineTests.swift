import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Who is at work, and when the model moves, where nobody waits for a round.
@Suite struct BufferMachineTests {
    @Test func stalenessWeighsAsPublished() {
        let weight = StalenessWeight()
        let published = [0: 1, 1: 0.7071067812, 2: 0.5773502692, 3: 0.5, 8: 0.3333333333, 15: 0.25]
        for (staleness, expected) in published { #expect(abs(weight(staleness) - expected) < 1e-9) }
        var hinge = StalenessWeight()
        (hinge.form, hinge.slope, hinge.knee) = (.hinge, 2, 3)
        #expect([0, 3, 4, 8].map { hinge($0) } == [1, 1, 1 / 3.0, 1 / 11.0])
        hinge.form = .constant
        #expect(hinge(100) == 1)
    }

    /// Against a plain account of the same facts.
    @Test(arguments: TestSeeds.first(40))
    func everyTaskIsAccountedFor(seed: Seed) {
        var stream = seed.stream()
        let limits = BufferMachine.Limits(
            concurrency: 1 + stream.uniform(below: 8), goal: 1 + stream.uniform(below: 5),
            stalenessLimit: stream.bernoulli(0.5) ? stream.uniform(below: 4) : nil)
        var machine = BufferMachine(limits: limits)
        var (atWork, buffered, version): ([BufferMachine.Task], Int, Int) = ([], 0, 0)
        for step in 0..<500 {
            let now = Instant.start.advanced(by: .seconds(step))
            if atWork.count < limits.concurrency, stream.bernoulli(0.6) {
                #expect(machine.freePlaces == limits.concurrency - atWork.count)
                let number = machine.offer()
                let client = ClientID(UInt64(stream.uniform(below: 20)))
                guard !machine.isWorking(client) else { continue }
                let task = machine.began(client, at: now)
                #expect(task.number == number && task.version == ModelVersion(version) && task.startedAt == now)
                atWork.append(task)
            } else if let place = atWork.indices.randomElement(using: &stream) {
                let task = atWork.remove(at: place)
                if stream.bernoulli(0.2) {
                    machine.lost(task)
                } else {
                    let staleness = version - task.version.rawValue
                    let isOld = limits.stalenessLimit.map { staleness > $0 } ?? false
                    #expect(
                        machine.arrived(task) == (isOld ? .discard(staleness: staleness) : .fold(staleness: staleness)))
                    if !isOld, stream.bernoulli(0.9) {
                        machine.folded()
                        buffered += 1
                    }
                }
                #expect(!machine.isWorking(task.client))
            }
            #expect(machine.isStepDue == (buffered >= limits.goal))
            if machine.isStepDue {
                machine.stepped()
                (version, buffered) = (version + 1, 0)
                // Between two steps, this is all that there is to keep.
                machine = BufferMachine(
                    limits: limits, version: machine.version, tasks: machine.tasks, lastNumber: machine.lastNumber)
            }
            #expect(machine.tasks == atWork.sorted { $0.number < $1.number })
            #expect(machine.version == ModelVersion(version) && machine.bufferedCount == buffered)
            #expect(machine.oldestVersion == atWork.map(\.version).min())
        }
        #expect(version > 5)
    }
}
