/// The centroids that quantise a standard normal number with the least mean squared error (Lloyd 1982; Max 1960).
///
/// Each is the mean of the normal distribution between the midpoints to its neighbours. They are written out because a
/// receiver needs the very same numbers, which a processor's own logarithm would not promise; a test computes them again.
package enum NormalCentroids {
    /// The positive half in ascending order, for so many bits, 1 ... 4.
    package static func positive(bits: Int) -> [Float] {
        precondition((1...4).contains(bits), "centroids are there for 1 to 4 bits")
        return table[bits - 1]
    }

    private static let table: [[Float]] = [
        [0.797_884_561],
        [0.452_780_035, 1.510_417_608],
        [0.245_094_179, 0.756_005_281, 1.343_909_279, 2.151_945_705],
        [
            0.128_395_030, 0.388_048_299, 0.656_759_119, 0.942_340_456, 1.256_231_197, 1.618_046_386, 2.069_017_227,
            2.732_589_571,
        ],
    ]
}
