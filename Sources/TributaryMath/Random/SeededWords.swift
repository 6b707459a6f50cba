/// Random words that can be had in any order and that anybody can make again: word i is output number i + 1 of SplitMix64
/// (Steele, Lea and Flood 2014) started at the seed.
///
/// What sender and receiver of an update must draw alike comes from here, so that only the seed travels.
package struct SeededWords: Hashable, Sendable {
    /// What the words follow from.
    package let seed: UInt64

    /// The words of a seed.
    package init(seed: UInt64) {
        self.seed = seed
    }

    /// The word of a place.
    package subscript(index: Int) -> UInt64 {
        Seed.mixed(seed &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Writes the words from a place on.
    package func write(from index: Int, into words: UnsafeMutableBufferPointer<UInt64>) {
        for place in words.indices { words[place] = self[index &+ place] }
    }
}
