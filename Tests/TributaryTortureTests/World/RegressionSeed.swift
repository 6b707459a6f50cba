/// A world in which something was wrong once, or that shows best what would be if it were so again.
///
/// A seed means what it says for as long as worlds draw what they draw. When that changes, undo what a bug was mended by,
/// look for a seed that fails, and write it here. What a seed no longer shows is still tested directly: `CoincidenceTests`,
/// `ShownStatusTests`, `UploadTortureTests`, `FolderFaultTests`, `SimulatedLedgerTests`.
struct RegressionSeed: Sendable {
    let seed: UInt64
    /// What was wrong.
    let bug: String

    static let all: [RegressionSeed] = [
        RegressionSeed(seed: 3212, bug: "a run that had been stopped after it failed became failed again"),
        RegressionSeed(seed: 5720, bug: "a round opened while a pause and a resumption were on their way to disk"),
        RegressionSeed(seed: 8476, bug: "a misread made an update beyond the bound look sound"),
        RegressionSeed(seed: 63146, bug: "a run with a damaged model wore out the clients of another, one at a time"),
        RegressionSeed(seed: 67092, bug: "the same, where the other had waited for anybody at all"),
        RegressionSeed(seed: 67307, bug: "the same, where the other's rounds had a cohort"),
        RegressionSeed(seed: 105187, bug: "clients that there was no room for to wait were counted as absent"),
    ]
}
