public import TributaryCore

/// What has to be known to say what a client downloads where models come as differences: a part of a run's state and of its
/// checkpoints.
///
/// A client has the model that it was sent last. The server makes a difference to it while that is one of the newest
/// `checkpoint.keep` models, the present one included; so what is older is forgotten, and neither models nor clients
/// pile up.
public struct DownloadState: Hashable, Sendable {
    /// The former models that differences are made to, by their versions.
    public var models: [ModelVersion: [Float]] = [:]
    /// The version that a client was sent last, where it is one of them or the present one.
    public var held: [ClientID: ModelVersion] = [:]
    /// The bytes that clients at work were sent, where nobody waits for a round; else empty.
    public var underWay: [ClientID: Int] = [:]

    /// Nobody has a model.
    public init() {}

    /// The versions of the models, the oldest first.
    var versions: [ModelVersion] { models.keys.sorted() }

    /// Clients were sent a model.
    mutating func received(_ clients: [ClientID], _ version: ModelVersion) {
        for client in clients { held[client] = version }
    }

    /// A client begins to work on a model of which it was sent so many bytes.
    mutating func began(_ client: ClientID, _ byteCount: Int) { underWay[client] = byteCount }

    /// A client's work has ended.
    mutating func ended(_ client: ClientID) { underWay[client] = nil }

    /// A model is about to be followed by the next.
    ///
    /// - Parameter keep: how many models there are at most, the next one included.
    mutating func followed(_ model: [Float], _ version: ModelVersion, keep: Int) {
        models[version] = model
        for old in versions.dropLast(max(keep - 1, 0)) { models[old] = nil }
        held = held.filter { models[$0.value] != nil }
    }

    /// Whether only clients of a population of this size are known, and only versions that are there.
    func fits(populationSize: Int, parameterCount: Int, present: ModelVersion) -> Bool {
        held.allSatisfy {
            $0.key.rawValue < UInt64(populationSize) && ($0.value == present || models[$0.value] != nil)
        } && underWay.allSatisfy { $0.key.rawValue < UInt64(populationSize) && $0.value >= 0 }
            && models.allSatisfy { $0.key < present && $0.value.count == parameterCount }
    }
}

extension ServerState {
    /// Clients were sent the present model.
    mutating func received(_ clients: [ClientID]) {
        let version = modelVersion
        downloads?.received(clients, version)
    }

    /// The present model is about to be followed by the next.
    ///
    /// - Parameter keep: how many models there are at most, the next one included.
    mutating func modelFollows(keep: Int) {
        let (model, version) = (weights.values, modelVersion)
        downloads?.followed(model, version, keep: keep)
    }
}

/// What the present model takes to download, by what a client has.
struct DownloadSizes: Sendable {
    /// The bytes of the whole model.
    let whole: Int
    private let differences: [ModelVersion: Int]

    /// The sizes of differences by the versions that they are to; without any, everybody downloads the whole model.
    init(whole: Int, differences: [ModelVersion: Int] = [:]) {
        (self.whole, self.differences) = (whole, differences)
    }

    /// The bytes that a client is sent which has a version, or none that the server has, too.
    func byteCount(having version: ModelVersion?) -> Int { version.flatMap { differences[$0] } ?? whole }
}
