/// What may be chosen of a world besides its seed.
public struct TortureOptions: Hashable, Sendable {
    /// The most clients of a world.
    public var largestPopulation = 10_000
    /// What goes wrong.
    public var faults = Faults.all
    /// Whether a round commits only with everybody's update, and waits for it: then what a model is made of does not depend
    /// on what goes wrong.
    public var needsEverybody = false
    /// Events after which a world is given up: it is a fault of ours if it has not come to its end by then.
    public var eventLimit = 20_000_000

    /// What goes wrong in a world.
    public enum Faults: String, Hashable, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// The coordinator's process and machine die, again and again.
        case crashes
        /// Whatever the seed draws of everything.
        case all
    }

    /// The defaults.
    public init() {}
}
