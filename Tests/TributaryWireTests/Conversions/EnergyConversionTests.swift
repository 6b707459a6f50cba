import Testing
import TributaryCore
import TributaryMath
import TributaryWire

/// What clients and coordinators tell each other of energy, and what operators send and see of it.
@Suite struct EnergyConversionTests {
    @Test func whatATaskAsksAndAResultSaysComesBack() throws {
        var samples = Samples(Seed(3))
        var task = try samples.task(.train)
        #expect(!WireTask(task).asksForTimes)
        task.asksForTimes = true
        #expect(try TaskDescription(WireTask(task)) == task)
        guard case .trained(var update) = try samples.result(.train) else { return }
        #expect(!WireSubmitRequest(task: task.id, result: .trained(update)).training.hasTimes)
        update.times = WorkTimes(download: 1.0 / 3, training: 1e5, upload: 0)
        #expect(try TaskResult(WireSubmitRequest(task: task.id, result: .trained(update))) == .trained(update))
    }

    @Test func whoAddsNoiseIsNotAskedForTimes() throws {
        var samples = Samples(Seed(4))
        var task = try samples.task(.train)
        (task.localNoise, task.compression) = (NoiseRequest(clip: 1, multiplier: 1), nil)
        var message = WireTask(task)
        message.asksForTimes = true
        #expect(try !TaskDescription(message).asksForTimes)
    }

    @Test(arguments: [-1, .nan, .infinity] as [Double], ["download", "training", "upload"])
    func timesThatAreNoneAreRefused(seconds: Double, part: String) throws {
        var samples = Samples(Seed(5))
        let task = try samples.task(.train)
        var message = WireSubmitRequest(task: task.id, result: try samples.result(.train))
        switch part {
        case "download": message.training.times.downloadSeconds = seconds
        case "training": message.training.times.trainingSeconds = seconds
        default: message.training.times.uploadSeconds = seconds
        }
        let error = #expect(throws: ConnectError.self) { try TaskResult(message) }
        #expect(error?.message.contains("training.times.\(part)_seconds") == true, "\(String(describing: error))")
    }

    @Test func whatAClientSaysOfItselfComesBack() throws {
        for statement in [
            EnergyStatement(), EnergyStatement(region: "DE-LU"), EnergyStatement(trainingWatts: 0),
            EnergyStatement(region: "Øst", trainingWatts: 1e6),
        ] {
            var message = WirePollRequest()
            message.state(statement)
            #expect(try EnergyStatement(message) == statement)
        }
    }

    @Test func aStatementThatIsNoneIsRefused() {
        func refusal(_ change: (inout WirePollRequest) -> Void) -> String {
            var message = WirePollRequest()
            change(&message)
            do throws(ConnectError) {
                _ = try EnergyStatement(message)
                return "taken"
            } catch {
                return error.message
            }
        }
        #expect(refusal { $0.region = String(repeating: "x", count: 201) }.contains("region"))
        #expect(refusal { $0.region = "a\nb" }.contains("region"))
        for watts in [-1, .nan, .infinity, 1e6 + 1] as [Double] {
            #expect(refusal { $0.trainingWatts = watts }.contains("training_watts"))
        }
    }

    @Test func aTableGoesWithARunUpToItsLimit() throws {
        var request = RunRequest(run: try #require(RunID(rawValue: "a")), plan: [:])
        #expect(try RunRequest(WireCreateRunRequest(request)) == request)
        request.carbonTrace = "h\n0,a,1\n"
        #expect(try RunRequest(WireCreateRunRequest(request)) == request)
        request.carbonTrace = String(repeating: "é", count: WireLimits.traceBytes / 2)
        #expect(try RunRequest(WireCreateRunRequest(request)) == request)
        request.carbonTrace? += "x"
        let error = #expect(throws: ConnectError.self) { try RunRequest(WireCreateRunRequest(request)) }
        #expect(error?.message.contains("carbon_trace") == true)
    }

    @Test func aReportHasWhatItsRoundTook() {
        var summary = RoundSummary(
            round: RoundNumber(1), outcome: .committed, modelVersion: ModelVersion(1), learningRate: 1)
        #expect(!WireRoundReport(summary).hasEnergy)
        var energy = RoundSummary.Energy()
        energy.training = .init(kilowattHours: 1, grams: 300)
        energy.server = .init(kilowattHours: 0.5, grams: 100)
        energy.upload = .init(kilowattHours: 0.25, grams: 50)
        summary.energy = energy
        let message = WireRoundReport(summary).energy
        #expect(message.total.kwh == 1.75 && message.total.grams == 450)
        #expect(message.parts.map(\.amount.kwh) == energy.parts.map(\.amount.kilowattHours))
        #expect(message.training.hasGrams && !message.download.hasGrams)
    }
}
