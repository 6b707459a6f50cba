import Testing
import TributaryCore
import TributaryMath
import TributaryWire

/// What a task asks of a client's own noise, and what a result says of it.
@Suite struct NoiseConversionTests {
    private static let request = NoiseRequest(clip: 0.5, multiplier: 2.5)

    private func task() throws -> TaskDescription {
        var samples = Samples(Seed(3))
        var task = try samples.task(.train)
        (task.localNoise, task.compression) = (Self.request, nil)
        return task
    }

    @Test func itComesBack() throws {
        let task = try task()
        #expect(try TaskDescription(WireTask(task)) == task)
        var samples = Samples(Seed(4))
        guard case .trained(var update) = try samples.result(.train) else { return }
        update.localNoise = Self.request
        let message = WireSubmitRequest(task: task.id, result: .trained(update))
        #expect(try TaskResult(message) == .trained(update))
    }

    @Test func aTaskWithoutHasNone() throws {
        var samples = Samples(Seed(5))
        #expect(try TaskDescription(WireTask(samples.task(.train))).localNoise == nil)
        #expect(!WireTask(try samples.task(.train)).hasLocalNoise)
    }

    @Test func whatHasNoiseIsNotCompressed() throws {
        var message = WireTask(try task())
        (message.updateCompression, message.errorFeedback) = ("topk:0.1", true)
        #expect(try TaskDescription(message).compression == nil)
    }

    /// A client that took such a task for one without noise would send what it must not.
    @Test(arguments: [
        (0.0, 1.0, "clip"), (.nan, 1, "clip"), (1e7, 1, "clip"), (-1, 1, "clip"), (1, -1, "noise_multiplier"),
        (1, .infinity, "noise_multiplier"), (1, 501, "noise_multiplier"),
    ])
    func figuresThatMakeNoNoiseAreRefused(clip: Double, multiplier: Double, field: String) throws {
        var message = WireTask(try task())
        (message.localNoise.clip, message.localNoise.noiseMultiplier) = (clip, multiplier)
        let error = #expect(throws: ConnectError.self) { try TaskDescription(message) }
        #expect(error?.message.contains("local_noise.\(field)") == true)
    }
}
