/// What a run's privacy keeps from one round to the next.
public struct PrivacyState: Hashable, Sendable {
    /// What was spent.
    public internal(set) var ledger: PrivacyLedger
    /// The bound that follows the norms; nil for a fixed one.
    public internal(set) var adaptiveClip: AdaptiveClip?
    /// Where the noise of trees has got to; nil without trees.
    public internal(set) var tree: TreeAggregator?
    /// How often clients have taken part in the open tree.
    public internal(set) var participations: [ClientID: Int] = [:]

    /// What the noise of the nodes in the open tree's sum was made from, by their levels, where that is not the run's secret:
    /// it will have to be taken off again. Secrets.
    var nodeKeys: [Int: NoiseKey] = [:]

    /// The state before the first round.
    public init(_ privacy: RoundPrivacy) throws(PrivacyError) {
        ledger = PrivacyLedger(budget: privacy.budget)
        switch privacy.mechanism.kind {
        case .sampled(let adaptive?):
            var settings = AdaptiveClip.Settings(
                noiseMultiplier: privacy.noiseMultiplier, expectedContributions: Double(privacy.expectedContributions),
                countDeviation: adaptive.countDeviation)
            settings.quantile = adaptive.quantile
            settings.learningRate = adaptive.learningRate
            settings.initialBound = privacy.mechanism.clip
            adaptiveClip = try AdaptiveClip(settings)
        case .sampled(nil):
            _ = try UpdateClip(bound: privacy.mechanism.clip)
        case .tree:
            tree = try TreeAggregator(leafLimit: privacy.roundsPerStep)
        case .local:
            _ = try LocalNoise(
                clip: UpdateClip(bound: privacy.mechanism.clip), noiseMultiplier: privacy.noiseMultiplier, count: 1)
        }
    }

    /// Whether this is the state of such a privacy, and not of another.
    public func belongs(to privacy: RoundPrivacy) -> Bool {
        guard let fresh = try? PrivacyState(privacy) else { return false }
        return ledger.budget == privacy.budget && ledger.entries.allSatisfy { $0.step == privacy.step }
            && adaptiveClip?.settings == fresh.adaptiveClip?.settings && tree?.leafLimit == fresh.tree?.leafLimit
    }

    /// Whether a client may be in the next round.
    public func isEligible(_ client: ClientID, under privacy: RoundPrivacy) -> Bool {
        guard case .tree(_, let limit) = privacy.mechanism.kind, tree?.isFull == false else { return true }
        return (participations[client] ?? 0) < limit
    }

    /// Spends what a round costs, before anything of it is released.
    ///
    /// A plan's rounds end where its budget does, so there is enough of it.
    public mutating func begin(_ round: RoundNumber, under privacy: RoundPrivacy) {
        var paid = round
        if var open = tree {
            if open.isFull {
                open.restart()
                participations = [:]
                nodeKeys = [:]
                tree = open
            }
            paid = RoundNumber(open.tree)
        }
        switch ledger.reserve(privacy.step, for: paid) {
        case .reserved, .repeated: break
        case .exhausted: precondition(!privacy.isLimited, "a round beyond what the budget covers")
        case .conflicting: preconditionFailure("the state of another privacy")
        }
    }

    /// How many more rounds may be released after those that were, by what the budget covers in all (`coveredRounds`).
    func remainingRounds(of coveredRounds: Int, under privacy: RoundPrivacy) -> Int {
        let paid = ledger.roundCount
        // A tree is paid for as a whole: what is left of the open one costs nothing more.
        let open = tree.map { paid > 0 ? $0.leafLimit - $0.leafCount : 0 } ?? 0
        return open + max(coveredRounds / privacy.roundsPerStep - paid, 0) * privacy.roundsPerStep
    }

    /// ε that was spent so far; nil where no noise gives a guarantee.
    public var spent: PrivacyGuarantee? { ledger.entries.isEmpty ? nil : ledger.spent }
}

extension PrivacyState: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, ledger, adaptiveClip, tree, participants, counts, nodeLevels, nodeKeys
    }

    /// Reads a state; one that contradicts itself, or is of a version that is not known here, is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try StateVersion.check(values, .version, of: "state of a run's privacy")
        ledger = try values.decode(PrivacyLedger.self, forKey: .ledger)
        adaptiveClip = try values.decodeIfPresent(AdaptiveClip.self, forKey: .adaptiveClip)
        tree = try values.decodeIfPresent(TreeAggregator.self, forKey: .tree)
        let clients = try values.decode([UInt64].self, forKey: .participants)
        let counts = try values.decode([Int].self, forKey: .counts)
        guard clients.count == counts.count, Set(clients).count == clients.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: values, debugDescription: "participations that are not one for each client")
        }
        let levels = try values.decodeIfPresent([Int].self, forKey: .nodeLevels) ?? []
        let keys = try (values.decodeIfPresent([[UInt8]].self, forKey: .nodeKeys) ?? []).compactMap(
            NoiseKey.init(bytes:))
        guard levels.count == keys.count, Set(levels).count == levels.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .nodeKeys, in: values, debugDescription: "secrets that are not one for each node")
        }
        nodeKeys = Dictionary(uniqueKeysWithValues: zip(levels, keys))
        participations = Dictionary(uniqueKeysWithValues: zip(clients.map { ClientID($0) }, counts))
    }

    /// Writes the state with its version.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(StateVersion.current, forKey: .version)
        try values.encode(ledger, forKey: .ledger)
        try values.encodeIfPresent(adaptiveClip, forKey: .adaptiveClip)
        try values.encodeIfPresent(tree, forKey: .tree)
        let clients = participations.keys.sorted()
        try values.encode(clients.map(\.rawValue), forKey: .participants)
        try values.encode(clients.map { participations[$0] ?? 0 }, forKey: .counts)
        guard !nodeKeys.isEmpty else { return }
        let nodes = nodeKeys.sorted { $0.key < $1.key }
        try values.encode(nodes.map(\.key), forKey: .nodeLevels)
        try values.encode(nodes.map(\.value.bytes), forKey: .nodeKeys)
    }
}
