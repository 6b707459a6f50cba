/// What a run's tasks ask that not all clients can, as older ones or those in other languages; and what a client says that it can.
public struct TaskNeeds: OptionSet, Hashable, Sendable {
    /// A bit for each.
    public let rawValue: Int

    /// Needs with these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Adding noise to their own updates.
    public static let noise = TaskNeeds(rawValue: 1)
    /// Saying their loss before they are invited.
    public static let losses = TaskNeeds(rawValue: 2)
    /// Having models of their own.
    public static let ownModels = TaskNeeds(rawValue: 4)

    /// What clients are called that can do it.
    var words: String {
        let words = [
            (.noise, "add noise of their own"), (.losses, "say their loss before they are invited"),
            (.ownModels, "know how to have models of their own"),
        ].compactMap { (need: TaskNeeds, words: String) in contains(need) ? words : nil }
        return words.isEmpty ? "clients" : "clients that " + words.joined(separator: " and ")
    }
}
