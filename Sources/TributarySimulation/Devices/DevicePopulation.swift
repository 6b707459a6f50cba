package import TributaryCore
package import TributaryMath

/// The simulated devices of a population: how fast each is, and what becomes of each invitation.
///
/// Nothing is stored: a device's nature and its fate in a round are drawn from the run's seed when they are asked for,
/// so a million devices cost nothing until they are invited.
package struct DevicePopulation: Sendable {
    let devices: Plan.Devices
    let faults: Plan.Faults
    let seed: Seed

    package init(plan: Plan) {
        devices = plan.devices
        faults = plan.faults
        seed = Seed(plan.seed).derived("devices")
    }

    /// The lasting nature of a client's device.
    func profile(of client: ClientID) -> DeviceProfile {
        var stream = seed.derived("profile", client.rawValue).stream()
        return DeviceProfile(
            examplesPerSecond: devices.examplesPerSecond.draw(from: &stream),
            downloadBytesPerSecond: devices.download.draw(from: &stream) * 125_000,
            uploadBytesPerSecond: devices.upload.draw(from: &stream) * 125_000,
            latency: devices.latency.draw(from: &stream) / 1000)
    }

    /// Whether a client can be invited when a round begins.
    func isAvailable(_ client: ClientID, in round: RoundNumber) -> Bool {
        if devices.availability >= 1 { return true }
        var stream = seed.derived("availability", UInt64(round.rawValue), client.rawValue).stream()
        return stream.bernoulli(devices.availability)
    }

    /// What becomes of a client's invitation to a round.
    package func fate(of client: ClientID, in round: RoundNumber) -> Fate {
        var stream = seed.derived("fate", UInt64(round.rawValue), client.rawValue).stream()
        let ending = ending(from: &stream)
        let progress = stream.uniform()
        return Fate(ending: ending, progress: progress, isRepeated: stream.bernoulli(faults.duplicate), stream: stream)
    }

    /// How much of its work a client has time for in a round; nil for all of it.
    package func part(of work: LocalSolver.Work, for client: ClientID, in round: RoundNumber) -> LocalSolver.Work? {
        guard faults.straggler > 0 else { return nil }
        var stream = seed.derived("straggler", UInt64(round.rawValue), client.rawValue).stream()
        guard stream.bernoulli(faults.straggler) else { return nil }
        // Li et al. 2020: drawn evenly from 1 to E − 1.
        return switch work {
        case .epochs(let epochs): .epochs(1 + stream.uniform(below: max(epochs - 1, 1)))
        case .steps(let steps): .steps(1 + stream.uniform(below: max(steps - 1, 1)))
        }
    }

    private func ending(from stream: inout RandomStream) -> Fate.Ending {
        var draw = stream.uniform()
        for (ending, probability) in zip(Fate.Ending.faulty, faults.exclusive) {
            if draw < probability { return ending }
            draw -= probability
        }
        return .delivers
    }
}

/// How fast a device is.
struct DeviceProfile: Sendable {
    /// Training speed.
    var examplesPerSecond: Double
    /// Download bandwidth.
    var downloadBytesPerSecond: Double
    /// Upload bandwidth.
    var uploadBytesPerSecond: Double
    /// Seconds a message takes, beside its bytes.
    var latency: Double
}

/// What becomes of one invitation.
package struct Fate: Sendable {
    /// How it ends.
    package enum Ending: Sendable {
        case beforeTraining, duringTraining, beforeUpload, stalls, sendsGarbage, sendsNotFinite
        case delivers

        /// The faulty endings in the order of `Plan.Faults.exclusive`.
        static let faulty: [Ending] = [
            .beforeTraining, .duringTraining, .beforeUpload, .stalls, .sendsGarbage, .sendsNotFinite,
        ]
    }

    /// How it ends.
    package var ending: Ending
    /// How far through its phase a fault strikes, in 0 ..< 1.
    package var progress: Double
    /// The answer to the update is lost, so that it is sent again.
    package var isRepeated: Bool
    /// The source of whatever else happens to this invitation.
    package var stream: RandomStream
}
