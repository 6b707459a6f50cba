import TributaryCore

extension LocalUpdate {
    /// The update as anybody but this client may see it: clipped, with noise of its own, and with nothing else that training
    /// gave. Throws if that cannot be done; then nothing leaves the device.
    ///
    /// `generator` must be cryptographic. What comes out is kept before it is sent, so that a task has but one such update:
    /// of two, each with noise of its own, more could be learned than the run counts for one.
    func protected(
        as request: NoiseRequest, using generator: inout some RandomNumberGenerator
    ) throws(TaskFailure) -> LocalUpdate {
        var values = values
        let outcome: UpdateClip.Outcome
        do throws(PrivacyError) {
            outcome = try request.noise(count: values.count).protect(&values, using: &generator)
        } catch {
            throw TaskFailure(.failed, "the noise that the task asks for cannot be made: \(error.description)")
        }
        if case .refused = outcome { throw TaskFailure(.failed, "the update has numbers that are not finite") }
        var protected = LocalUpdate(difference: values, exampleCount: 1, stepCount: 0, meanLoss: 0)
        // By which method it was made is no secret, and what the client remembers stays with it.
        (protected.report, protected.memory, protected.ownModel) = (report, memory, ownModel)
        return protected
    }

    /// The same, with noise of the system's generator.
    func protected(as request: NoiseRequest) throws(TaskFailure) -> LocalUpdate {
        var system = SystemRandomNumberGenerator()
        // One question to the system, and not one for every number.
        var stream = NoiseKey.random(using: &system).stream()
        return try protected(as: request, using: &stream)
    }
}

extension TaskDescription {
    /// What the coordinator is told of a failure. Where nothing of the data may leave the device without noise, no more than
    /// its kind: a line may have a number of the update in it.
    func told(_ failure: TaskFailure) -> TaskFailure {
        localNoise == nil ? failure : TaskFailure(failure.cause, "the work failed")
    }
}
