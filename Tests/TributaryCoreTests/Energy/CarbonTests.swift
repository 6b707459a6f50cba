import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct CarbonTraceTests {
    private static let table = """
        time,region,gCO2e_per_kWh
        2026-02-28T23:00Z,north,100
        2026-02-28 23:00,south,400
        2026-03-01T00:00:00Z,north,200

        2026-03-01T01:00Z,north,300
        """

    @Test func aTableIsStepsThatBeginAgain() throws {
        let trace = try CarbonTrace(csv: Self.table)
        #expect(trace.names == ["north", "south"])
        let values = [0, 3599, 3600, 7200, 10_799, 10_800, 14_400, 10_800 * 1000].map { trace.intensity(in: 0, at: $0) }
        #expect(values == [100, 100, 200, 300, 300, 100, 200, 100])
        #expect(trace.intensity(in: 1, at: 1e9) == 400)
        #expect(trace.overallMean == 300)
        #expect(trace.least(at: 7200) == 300 && trace.least(at: 0) == 100)
        // 2026-02-28T23:00Z; times in seconds are nobody's dates. Before its beginning the table is as after its end.
        #expect(trace.firstDate == 1_772_319_600)
        #expect(try CarbonTrace(csv: "h\n1772319600,a,1").firstDate == nil)
        #expect([-1, -3600, -7200, -10_800].map { trace.intensity(in: 0, at: $0) } == [300, 300, 200, 100])
    }

    @Test(arguments: TestSeeds.first(200)) func aDateIsReadAsItIsWritten(seed: Seed) throws {
        var stream = seed.stream()
        let seconds = stream.uniform(below: 250_000_000_000) - 60_000_000_000
        let text = Instant(sinceStart: .seconds(seconds)).dateText
        #expect(try CarbonTrace(csv: "h\n\(text),a,1").firstDate == Double(seconds), "\(text)")
        #expect(Instant(sinceStart: .seconds(1_772_370_000)).dateText == "2026-03-01T13:00:00Z")
    }

    @Test(arguments: TestSeeds.first(30)) func meansAreThoseOfManySmallSteps(seed: Seed) throws {
        var stream = seed.stream()
        let trace = CarbonTrace.random(&stream, regions: 2, steps: 7)
        let start = stream.uniform() * 50_000
        let end = start + stream.uniform() * 50_000
        let count = 20_000
        for region in 0..<2 {
            let sum = (0..<count).reduce(0.0) { sum, place in
                sum + trace.intensity(in: region, at: start + (end - start) * (Double(place) + 0.5) / Double(count))
            }
            #expect(abs(trace.mean(in: region, from: start, to: end) - sum / Double(count)) < 0.5)
        }
        #expect(trace.mean(in: 0, from: start, to: start) == trace.intensity(in: 0, at: start))
    }

    @Test(arguments: [
        ("", "no rows"), ("time,region,x\n", "no rows"), ("h\n0,a", "line 2 has 2 columns"), ("h\nnoon,a,1", "'noon'"),
        ("h\n0,,1", "names no region"), ("h\n0,a,-1", "'-1'"), ("h\n0,a,nan", "'nan'"), ("h\n0,a,1\n0,a,2", "line 3"),
        ("h\n0,a,1\n5,b,2", "begins later"), ("h\n2026-13-01T00:00,a,1", "2026-13-01"), ("h\n0,a,1,2", "4 columns"),
    ])
    func aBadTableIsRefusedWithItsLine(text: String, words: String) {
        do throws(PlanError) {
            _ = try CarbonTrace(csv: text)
            Issue.record("read '\(text)'")
        } catch {
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test func anyBytesAreATableOrAnError() {
        for seed in TestSeeds.first(500) {
            var stream = seed.stream()
            let alphabet = Array("0123456789,.-:TZ \nabe+")
            let text = String((0..<60).map { _ in alphabet[stream.uniform(below: alphabet.count)] })
            if let trace = try? CarbonTrace(csv: "h\n" + text) { #expect(trace.overallMean.isFinite) }
        }
    }
}

@Suite struct SlotScheduleTests {
    @Test(arguments: TestSeeds.first(40)) func savingIsThatOfTheLowestSlotsAndGrowsWithSlack(seed: Seed) {
        var stream = seed.stream()
        let trace = CarbonTrace.random(&stream, regions: 3, steps: 24)
        let rounds = 1 + stream.uniform(below: 20)
        var before = 0.0
        for slack in 0...30 {
            let schedule = SlotSchedule(rounds: rounds, slack: slack, slot: .seconds(1800), trace: trace)
            #expect(schedule.slots.count == rounds && schedule.slots == Set(schedule.slots).sorted())
            #expect(schedule.slots.allSatisfy { (0..<rounds + slack).contains($0) })
            #expect(schedule.saving >= before - 1e-8)
            before = schedule.saving
            // Everything once more: the lowest means of the same slots.
            let means = (0..<rounds + slack).map { slot in
                (0..<3).reduce(0.0) {
                    $0 + trace.mean(in: $1, from: Double(slot) * 1800, to: Double(slot + 1) * 1800) / 3
                }
            }
            let best = means.sorted().prefix(rounds).reduce(0, +)
            #expect(abs(schedule.saving - (1 - best / means.prefix(rounds).reduce(0, +))) < 1e-8)
        }
    }

    @Test func anEvenTraceSavesNothingAndKeepsTheOrder() throws {
        let trace = try CarbonTrace(csv: "h\n0,a,333.3\n700,a,333.3\n900,a,333.3\n0,b,111.1")
        for slack in [0, 1, 17] {
            let schedule = SlotSchedule(rounds: 9, slack: slack, slot: .seconds(61), trace: trace)
            #expect(schedule.slots == Array(0..<9))
            #expect(abs(schedule.saving) < 1e-12)
        }
        let late = SlotSchedule(rounds: 2, slack: 2, slot: .seconds(60), trace: nil, offset: 1e6)
        #expect(late.start(of: RoundNumber(2), since: Instant(sinceStart: .seconds(7))).sinceStart == .seconds(67))
        let plain = SlotSchedule(rounds: 3, slack: 0, slot: .seconds(60), trace: nil)
        #expect(plain.start(of: RoundNumber(3)).sinceStart == .seconds(120))
    }
}

@Suite struct CarbonFilterTests {
    @Test func clientsAreDroppedByTheCarbonOfTheirRegion() throws {
        var plan = Plan()
        plan.energy.trace = "given"
        let trace = try CarbonTrace(csv: "h\n0,clean,100\n0,dirty,300")
        let model = EnergyModel(plan, trace: trace)
        // x = (300 − 100) / 200 = 1: the dirty region's clients stay with probability exp(−w).
        let filter = try #require(CarbonFilter(model, weight: 0.7, at: .start, seed: Seed(1)))
        var (kept, count) = (0.0, 0.0)
        for client in (0..<20_000).map(ClientID.init(index:)) {
            if model?.region(of: client) == 0 {
                #expect(filter.lateness(of: client) <= 0)
            } else {
                count += 1
                if filter.lateness(of: client) <= 0 { kept += 1 }
            }
        }
        #expect(abs(count - 10_000) < 350)
        #expect(abs(kept / count - 0.496585) < 0.02)
        // Whoever's region is not known is taken to be in the mean of both: x = 1/2.
        let unknown = (0..<20_000).count { filter.lateness(of: ClientID(index: $0), in: nil) <= 0 }
        #expect(abs(Double(unknown) / 20_000 - 0.704688) < 0.02)
        #expect(CarbonFilter(model, weight: 0, at: .start, seed: Seed(1)) == nil)
        let even = EnergyModel(plan, trace: try CarbonTrace(csv: "h\n0,a,100\n0,b,100"))
        #expect(CarbonFilter(even, weight: 5, at: .start, seed: Seed(1)) == nil)
    }
}

extension CarbonTrace {
    static func random(_ stream: inout RandomStream, regions: Int, steps: Int) -> CarbonTrace {
        var lines = ["time,region,intensity"]
        for region in 0..<regions {
            var time = 0.0
            for _ in 0..<steps {
                lines.append("\(time),r\(region),\(50 + stream.uniform() * 500)")
                time += 600 + stream.uniform() * 6000
            }
        }
        guard let trace = try? CarbonTrace(csv: lines.joined(separator: "\n")) else {
            preconditionFailure("a sound table")
        }
        return trace
    }
}
