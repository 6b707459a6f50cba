public import TributaryMath

/// Seeds for property tests: the same at every run, and printed by the test framework when one fails.
public enum TestSeeds {
    /// The first `count` seeds.
    public static func first(_ count: Int) -> [Seed] {
        (0..<UInt64(count)).map { Seed(0x7472_6962).derived("test", $0) }
    }
}
