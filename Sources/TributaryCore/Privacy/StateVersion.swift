/// The version that stored states of privacy carry, so that a later program can tell what it reads.
enum StateVersion {
    /// The version written here.
    static let current = 1

    /// Makes sure that a state is of a version that is known here.
    static func check<Key: CodingKey>(
        _ values: KeyedDecodingContainer<Key>, _ key: Key, of name: String
    ) throws {
        let version = try values.decode(Int.self, forKey: key)
        guard version == current else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: values,
                debugDescription: "a \(name) of version \(version); this program reads version \(current)")
        }
    }
}
