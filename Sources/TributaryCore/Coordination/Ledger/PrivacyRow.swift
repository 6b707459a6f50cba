/// What a private run has spent, and the secret that its noise is made from. There is one for each such run, written with
/// the run and replaced in the very batch that makes a round's end known: so nothing that was released is ever without its
/// price, nor a price paid twice.
///
/// It is of the ledger alone. It prints as less than it is, so that the secret gets into no log by accident.
public struct PrivacyRow: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The last round whose end it knows of; 0 before the first.
    public var round: RoundNumber
    /// What was spent by then, and what noise and clipping go on from.
    public var state: PrivacyState
    /// The secret of all the run's noise.
    public var key: NoiseKey

    /// A row with all its parts.
    public init(run: RunID, round: RoundNumber, state: PrivacyState, key: NoiseKey) {
        (self.run, self.round, self.state, self.key) = (run, round, state, key)
    }
}

extension PrivacyRow: Codable {
    private enum CodingKeys: String, CodingKey {
        case run, round, state, key
    }

    /// Reads a row; one whose secret is not one is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let digits = try values.decode(BlobDigest.self, forKey: .key)
        guard let key = NoiseKey(bytes: digits.bytes) else {
            throw DecodingError.dataCorruptedError(forKey: .key, in: values, debugDescription: "no secret of 32 bytes")
        }
        self.init(
            run: try values.decode(RunID.self, forKey: .run),
            round: try values.decode(RoundNumber.self, forKey: .round),
            state: try values.decode(PrivacyState.self, forKey: .state), key: key)
    }

    /// Writes the row, its secret as 64 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(run, forKey: .run)
        try values.encode(round, forKey: .round)
        try values.encode(state, forKey: .state)
        try values.encode(BlobDigest(bytes: key.bytes), forKey: .key)
    }
}

extension PrivacyRow: CustomStringConvertible, CustomReflectable {
    /// Whose it is, and of when.
    public var description: String { "the privacy of \(run) after \(round)" }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
