/// What a client says of its electricity. It is the client's word: what a run counts, and whom it passes over, goes by it.
public struct EnergyStatement: Hashable, Sendable, Codable {
    /// The region of the grid that it is in, as a run's trace of carbon intensities calls it; empty if it does not say.
    public var region: String
    /// What it draws above idle while it trains, in watts; nil if it does not say: then the plan's power counts.
    public var trainingWatts: Double?

    /// A statement with both its parts; nothing is said without them.
    public init(region: String = "", trainingWatts: Double? = nil) {
        (self.region, self.trainingWatts) = (region, trainingWatts)
    }

    /// The powers that can be stated, in watts.
    public static let wattsRange = 0.0...1e6
}

/// How long a client was at each part of a task, by its own clock, in seconds.
public struct WorkTimes: Hashable, Sendable, Codable {
    /// Receiving the model, and what goes with it.
    public var download: Double
    /// Training.
    public var training: Double
    /// Sending the update.
    public var upload: Double

    /// Times with all their parts.
    public init(download: Double = 0, training: Double = 0, upload: Double = 0) {
        (self.download, self.training, self.upload) = (download, training, upload)
    }
}
