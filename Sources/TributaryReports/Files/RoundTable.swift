public import TributaryCore

/// The rounds of a run as a table: the content of `rounds.csv`.
///
/// Numbers have a decimal point and all their digits, so that reading them back gives the same numbers. A figure
/// that was not taken in a round is an empty cell; one that is not finite is `nan`, `inf` or `-inf`.
public enum RoundTable {
    /// The table with its header, lines ended by a newline.
    ///
    /// - Parameters:
    ///   - energy: whether there are columns for energy; nil: if a round has counted any.
    ///   - personal: whether there are columns for clients' own models; nil: if they were scored in a round.
    public static func csv(_ rounds: [RoundSummary], energy: Bool? = nil, personal: Bool? = nil) -> String {
        let energy = energy ?? rounds.contains { $0.energy != nil }
        let personal = personal ?? rounds.contains { $0.personal != nil }
        return header(energy, personal) + rounds.map { row($0, energy: energy, personal: personal) }.joined()
    }

    /// The header line with its end.
    public static var header: String { header(false, false) }

    private static func header(_ energy: Bool, _ personal: Bool) -> String {
        columns(energy, personal).map(\.name).joined(separator: ",") + "\n"
    }

    /// One round's line with its end.
    public static func row(_ round: RoundSummary, energy: Bool = false, personal: Bool = false) -> String {
        columns(energy, personal).map { $0.cell(round) }.joined(separator: ",") + "\n"
    }

    private static func columns(_ energy: Bool, _ personal: Bool) -> [Column] {
        columns + (energy ? energyColumns : []) + (personal ? personalColumns : [])
    }
}

/// A column: its name and what it says about a round.
private struct Column: Sendable {
    let name: String
    let cell: @Sendable (RoundSummary) -> String

    init(_ name: String, _ value: @escaping @Sendable (RoundSummary) -> Double?) {
        self.name = name
        cell = { round in value(round).map { $0.isNaN ? "nan" : "\($0)" } ?? "" }
    }

    init(count name: String, _ value: @escaping @Sendable (RoundSummary) -> Int?) {
        self.name = name
        cell = { round in value(round).map { "\($0)" } ?? "" }
    }

    init(text name: String, _ value: @escaping @Sendable (RoundSummary) -> String) {
        self.name = name
        cell = value
    }
}

extension RoundTable {
    private static let columns: [Column] =
        [
            Column(count: "round") { $0.round.rawValue },
            Column("test_accuracy") { $0.test?.accuracy },
            Column("test_loss") { $0.test?.loss },
            Column(text: "outcome") { $0.outcome.rawValue },
            Column(count: "model_version") { $0.modelVersion.rawValue },
            Column("learning_rate") { $0.learningRate },
            Column("train_loss") { $0.trainLoss },
            Column(count: "test_examples") { $0.test?.exampleCount },
        ] + federated + participation + cost

    /// The example-weighted means, then how the clients spread, each client counting once.
    private static let federated: [Column] =
        [
            Column(count: "federated_clients") { $0.federated?.clientCount },
            Column(count: "federated_examples") { $0.federated?.mean.exampleCount },
            Column("federated_accuracy") { $0.federated?.mean.accuracy },
            Column("federated_loss") { $0.federated?.mean.loss },
        ] + spread("federated_accuracy") { $0.federated?.accuracy } + spread("federated_loss") { $0.federated?.loss }

    private static func spread(
        _ name: String, _ value: @escaping @Sendable (RoundSummary) -> FederatedScore.Spread?
    ) -> [Column] {
        let shares = FederatedScore.Spread.quantileShares
        return [
            Column("\(name)_client_mean") { value($0)?.mean },
            Column("\(name)_variance") { value($0)?.variance },
            Column("\(name)_worst_tenth") { value($0)?.worstTenth },
            Column("\(name)_best_tenth") { value($0)?.bestTenth },
        ]
            + shares.indices.map { place in
                Column("\(name)_p\(Int((shares[place] * 100).rounded()))") { round in
                    guard let quantiles = value(round)?.quantiles, place < quantiles.count else { return nil }
                    return quantiles[place]
                }
            }
    }

    private static let participation: [Column] =
        [
            Column(count: "invited") { $0.participation.invited },
            Column(count: "reported") { $0.participation.reported },
            Column(count: "dropped") { $0.participation.droppedCount },
        ]
        + DropCause.allCases.map { cause in
            Column(count: "dropped_" + String(cause.rawValue.map { $0 == "-" ? "_" : $0 })) {
                $0.participation.dropped[cause] ?? 0
            }
        } + [Column(count: "duplicates") { $0.participation.duplicates }]

    private static let cost: [Column] = [
        Column(count: "bytes_down") { $0.traffic.bytesDown },
        Column(count: "bytes_up") { $0.traffic.bytesUp },
        Column("virtual_seconds") { $0.timing.virtualSeconds },
        Column("virtual_elapsed") { $0.timing.virtualElapsed },
        Column("real_seconds") { $0.timing.realSeconds },
        Column("update_norm_smallest") { $0.updateNorms?.smallest },
        Column("update_norm_mean") { $0.updateNorms?.mean },
        Column("update_norm_largest") { $0.updateNorms?.largest },
        Column("update_norm_aggregate") { $0.updateNorms?.aggregate },
        Column("encoding_error") { $0.encodingError },
        Column("staleness_mean") { $0.staleness?.mean },
        Column(count: "staleness_largest") { $0.staleness?.largest },
        Column("privacy_epsilon") { $0.privacy?.epsilon },
        Column("privacy_clip") { $0.privacy?.clip },
        Column("privacy_clipped_share") { $0.privacy?.clippedShare },
    ]

    /// Clients' own models: the means weighted by examples, then how the clients spread.
    private static let personalColumns: [Column] =
        [
            Column(count: "personal_clients") { $0.personal?.clientCount },
            Column("personal_accuracy") { $0.personal?.mean.accuracy },
            Column("personal_loss") { $0.personal?.mean.loss },
        ] + spread("personal_accuracy") { $0.personal?.accuracy } + spread("personal_loss") { $0.personal?.loss }

    /// What a round took, by what it was for.
    private static let energyColumns: [Column] = RoundSummary.Energy().parts.enumerated().flatMap { place, part in
        [
            Column("\(part.name)_kwh") { $0.energy?.parts[place].amount.kilowattHours },
            Column("\(part.name)_gco2e") { $0.energy?.parts[place].amount.grams },
        ]
    }
}
