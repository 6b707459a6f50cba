/// The most that a message may hold. Everything is checked where it is read, before anything is made of it.
public enum WireLimits {
    /// Bytes of a model or an update: 2⁴⁰.
    public static let blobBytes = 1 << 40
    /// Tensors of a model.
    public static let tensors = 10_000
    /// Bytes of a tensor's name.
    public static let tensorNameBytes = 200
    /// Dimensions of a tensor.
    public static let dimensions = 8
    /// Parameters of a model: 2³¹.
    public static let parameters = 1 << 31
    /// Bytes of the name of an update's compression.
    public static let encodingBytes = 200
    /// Labels of a client or of a run's target.
    public static let labels = 32
    /// Bytes of a label's name, and of its value.
    public static let labelBytes = 200
    /// Bytes of a client's name.
    public static let clientNameBytes = 200
    /// Bytes of a client's version.
    public static let versionBytes = 64
    /// Bytes of a data signature.
    public static let signatureBytes = 1_000
    /// Bytes of the secret to join with.
    public static let joinTokenBytes = 1_000
    /// Bytes of a client's registration key.
    public static let registrationKeyBytes = 16...64
    /// Metrics of a result.
    public static let metrics = 32
    /// Figures of a method that go with an update.
    public static let methodFigures = 64
    /// Vectors of a method that come with a task, or go with an update.
    public static let methodVectors = 16
    /// Bytes of a metric's name.
    public static let metricNameBytes = 100
    /// Bytes of the message of a client that gives a task back.
    public static let failureMessageBytes = 1_000
    /// Fields of a plan.
    public static let planFields = 256
    /// Bytes of a plan field's path and of its value.
    public static let planFieldBytes = 1_000
    /// Bytes of a table of carbon intensities: with all else a message that a server takes by default.
    public static let traceBytes = 900_000
    /// Bytes of the name of a client's region.
    public static let regionBytes = 200
    /// Bytes of a model's or an algorithm's name.
    public static let nameBytes = 1_000
    /// The longest time, in milliseconds: 30 years or so.
    public static let milliseconds = 1_000_000_000_000

    /// A duration in milliseconds, rounded up, from 0 to the limit.
    static func clampedMilliseconds(_ duration: Duration) -> Int {
        if duration <= .zero { return 0 }
        if duration >= .milliseconds(milliseconds) { return milliseconds }
        let (seconds, attoseconds) = duration.components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return Int(seconds) * 1000 + Int((attoseconds + perMillisecond - 1) / perMillisecond)
    }

    /// That many milliseconds, or the limit if they are more.
    static func clampedDuration(_ milliseconds: UInt64) -> Duration {
        .milliseconds(min(milliseconds, UInt64(Self.milliseconds)))
    }
}
