/// What may be chosen of a world besides its seed.
public struct TortureOptions: Hashable, Sendable {
    /// The most clients of a world.
    public var largestPopulation = 10_000
    /// Whether anything goes wrong.
    public var hasFaults = true
    /// Events after which a world is given up: it is a fault of ours if it has not come to its end by then.
    public var eventLimit = 20_000_000

    /// The defaults.
    public init() {}
}
