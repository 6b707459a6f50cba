import Testing
import TributaryMath
import TributaryServer

@Suite struct ConnectionMachineTests {
    enum Fact: CaseIterable {
        case settings, opened, closed, time, endWanted, heard
    }

    private static func tell(_ fact: Fact, _ machine: inout ConnectionMachine) -> ConnectionMachine.Action {
        switch fact {
        case .settings: machine.settingsArrived()
        case .opened: machine.streamOpened()
        case .closed: machine.streamClosed()
        case .time: machine.timeIsUp()
        case .endWanted: machine.endWanted()
        case .heard: machine.farewellHeard()
        }
    }

    struct Course: Sendable, CustomTestStringConvertible {
        var what: String
        var facts: [Fact]
        /// What the last fact leads to.
        var action: ConnectionMachine.Action

        var testDescription: String { what }
    }

    static let courses = [
        Course(what: "no settings", facts: [.time], action: .close),
        Course(what: "settings", facts: [.settings], action: .wait(.stream)),
        Course(what: "settings again", facts: [.settings, .settings], action: .nothing),
        Course(what: "no stream", facts: [.settings, .time], action: .sayFarewell),
        Course(what: "a stream", facts: [.settings, .opened], action: .stopWaiting),
        Course(what: "two streams", facts: [.settings, .opened, .opened], action: .nothing),
        Course(what: "one of two ends", facts: [.settings, .opened, .opened, .closed], action: .nothing),
        Course(what: "the last ends", facts: [.settings, .opened, .opened, .closed, .closed], action: .wait(.stream)),
        Course(what: "a late timer", facts: [.settings, .opened, .time], action: .nothing),
        Course(what: "no other stream", facts: [.settings, .opened, .closed, .time], action: .sayFarewell),
        Course(what: "a heard farewell", facts: [.settings, .time, .heard], action: .close),
        Course(what: "an unheard farewell", facts: [.settings, .time, .time], action: .close),
        Course(what: "a stream at the last moment", facts: [.settings, .time, .opened], action: .nothing),
        Course(
            what: "which the caller opened before", facts: [.settings, .time, .opened, .heard], action: .stopWaiting),
        Course(what: "and which ends", facts: [.settings, .time, .opened, .heard, .closed], action: .close),
        Course(what: "and which ended before", facts: [.settings, .time, .opened, .closed, .heard], action: .close),
        Course(what: "an end before the settings", facts: [.endWanted], action: .close),
        Course(what: "an end while idle", facts: [.settings, .endWanted], action: .sayFarewell),
        Course(what: "an end while busy", facts: [.settings, .opened, .endWanted], action: .sayFarewell),
        Course(what: "an end twice", facts: [.settings, .endWanted, .endWanted], action: .nothing),
        Course(what: "an answer that was not asked for", facts: [.settings, .heard], action: .nothing),
        Course(what: "settings while leaving", facts: [.settings, .endWanted, .settings], action: .nothing),
    ]

    @Test(arguments: courses)
    func decides(_ course: Course) {
        var machine = ConnectionMachine()
        let actions = course.facts.map { Self.tell($0, &machine) }
        #expect(actions.last == course.action)
    }

    /// Whatever happens: who opens no more streams is out after the limits have passed thrice, and nobody is closed on
    /// while a stream is open.
    @Test func everyConnectionEndsAndNoneWithAnOpenStream() {
        for seed in 0..<2000 as Range<UInt64> {
            var draw = Seed(seed).derived("connection").stream()
            var machine = ConnectionMachine()
            var streams = 0
            var isOver = false
            func note(_ action: ConnectionMachine.Action) {
                guard action == .close else { return }
                #expect(streams == 0 && !isOver, "seed \(seed)")
                isOver = true
            }
            for _ in 0..<draw.uniform(below: 40) {
                let fact = Fact.allCases[draw.uniform(below: Fact.allCases.count)]
                if fact == .closed, streams == 0 { continue }
                if fact == .opened, !isOver { streams += 1 }
                if fact == .closed { streams -= 1 }
                note(Self.tell(fact, &machine))
            }
            for _ in 0..<streams {
                streams -= 1
                note(machine.streamClosed())
            }
            for _ in 0..<3 where !isOver { note(machine.timeIsUp()) }
            #expect(isOver, "seed \(seed)")
        }
    }
}
