import Crypto
import Foundation
public import TributaryCore
import TributaryLearning
import TributaryWire

/// A stored state of a run: everything needed to go on from it to the same bytes as without a pause.
///
/// A checkpoint is a safetensors file: the global model as tensors, the rest as metadata, so that any tool can read the
/// model out of it. What a server optimiser keeps follows the model: the same tensors again for each vector, with its name
/// before theirs, as in `momentum/dense1.weight`. The vectors of a method follow in the same way (`method/control/dense1.weight`),
/// and what its clients remember is one more tensor for each of their vectors (`clients/control`), a row a client. What is known of clients'
/// participation is the last (`selection/clients`). The former models that clients may download differences to are vectors, too
/// (`former-3/dense1.weight`).
public struct Checkpoint: Hashable, Sendable {
    /// The plan the run follows, with nothing left to be chosen.
    public var plan: Plan
    /// The state after its last round.
    public var state: ServerState

    /// A checkpoint with all its parts.
    public init(plan: Plan, state: ServerState) {
        self.plan = plan
        self.state = state
    }

    /// Why a file is not a checkpoint that can be used.
    public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, in one line without the file's name.
        public var description: String
    }
}

extension Checkpoint {
    /// The form of a checkpoint without anything, with what a server optimiser keeps, with what a method keeps, and with any of
    /// the rest: what is known of clients' participation, what privacy keeps, who is at work between steps, which models clients
    /// have.
    private static let forms = (1...4).map { "tributary-checkpoint-\($0)" }

    private var form: String {
        if state.selection != .none || state.privacy != nil || state.buffer != nil || state.downloads != nil {
            return Self.forms[3]
        }
        return state.method != .none ? Self.forms[2] : state.optimiser != .none ? Self.forms[1] : Self.forms[0]
    }

    /// The file's bytes.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let now = state.now.sinceStart.components
        var metadata = [
            "form": form,
            "plan": String(decoding: try encoder.encode(plan.text), as: UTF8.self),
            "last_round": String(state.lastRound.rawValue),
            "model_version": String(state.modelVersion.rawValue),
            "virtual_seconds": String(now.seconds),
            "virtual_attoseconds": String(now.attoseconds),
        ]
        if state.optimiser != .none {
            metadata["optimiser_state"] = state.optimiser.form
            metadata["optimiser_vectors"] = state.optimiser.names.joined(separator: ",")
        }
        metadata.merge(state.method.metadata) { $1 }
        metadata.merge(SelectionTensor.metadata(state.selection)) { $1 }
        if let privacy = state.privacy {
            metadata["privacy_state"] = String(decoding: try encoder.encode(privacy), as: UTF8.self)
        }
        metadata.merge(try state.buffer?.metadata ?? [:]) { $1 }
        metadata.merge(state.downloads?.metadata ?? [:]) { $1 }
        let vectors = state.optimiser.followed(by: state.method.vectors).followed(by: state.buffer)
            .followed(by: state.downloads)
        let tensors = SelectionTensor.join(
            state.weights.joined(with: vectors).joined(
                with: state.method.clients, parameterCount: state.weights.values.count), state.selection)
        metadata[Self.digestKey] = Self.digest(metadata, tensors)
        return try Safetensors(weights: tensors, metadata: metadata).encoded()
    }

    /// Reads a file's bytes. Total: any bytes give a checkpoint or an error.
    init(decoding bytes: Data) throws {
        let file = try Safetensors(decoding: bytes)
        let metadata = file.metadata
        guard Self.forms.contains(metadata["form"] ?? "") else {
            throw FormatError(description: "it is not a checkpoint of this version of Tributary")
        }
        guard metadata[Self.digestKey] == Self.digest(metadata, file.weights) else {
            throw FormatError(description: "its content is not what was written; the file is damaged")
        }
        let text = Data((metadata["plan"] ?? "").utf8)
        plan = try Plan(text: JSONDecoder().decode([String: [String: String]].self, from: text))
        let (rest, selection) = try SelectionTensor.split(file.weights, metadata)
        let (weights, optimiser, method, buffer, downloads) = try Self.split(rest, metadata)
        state = ServerState(
            weights: weights, lastRound: RoundNumber(try Self.number("last_round", in: metadata)),
            modelVersion: ModelVersion(try Self.number("model_version", in: metadata)),
            now: Instant(
                sinceStart: Duration(
                    secondsComponent: Int64(try Self.number("virtual_seconds", in: metadata)),
                    attosecondsComponent: Int64(try Self.number("virtual_attoseconds", in: metadata)))),
            optimiser: optimiser, method: method, selection: selection,
            privacy: try Self.privacy(in: metadata), buffer: buffer, downloads: downloads)
        try Self.check(state)
    }

    private static func privacy(in metadata: [String: String]) throws -> PrivacyState? {
        guard let text = metadata["privacy_state"] else { return nil }
        do {
            return try JSONDecoder().decode(PrivacyState.self, from: Data(text.utf8))
        } catch {
            throw FormatError(description: "what its privacy has spent cannot be read")
        }
    }

    private static func split(
        _ tensors: Weights, _ metadata: [String: String]
    ) throws(FormatError) -> (Weights, OptimiserState, MethodState, BufferState?, DownloadState?) {
        var (buffer, downloads) = (try BufferState(metadata), try DownloadState(metadata))
        let (versions, former) = (buffer?.versions ?? [], downloads?.versions ?? [])
        let models = BufferState.tensorNames(versions) + DownloadState.tensorNames(former)
        let hasMethod = metadata["method_state"] != nil
        guard hasMethod || metadata["optimiser_state"] != nil || !models.isEmpty else {
            return (tensors, .none, .none, buffer, downloads)
        }
        let names = (metadata["optimiser_vectors"] ?? "").split(separator: ",").map(String.init)
        let form = metadata["optimiser_state"] ?? ""
        let head = hasMethod ? try MethodMetadata(metadata) : .none
        guard form.isEmpty == names.isEmpty, hasMethod || !names.isEmpty || !models.isEmpty,
            let (rest, clients) = tensors.splittingClients(head),
            let (weights, vectors) = rest.split(
                named: names + head.vectorTensorNames + models, form: form)
        else { throw FormatError(description: "its state is not one vector a name for its model") }
        let count = weights.values.count
        let optimiser = OptimiserState(
            form: form, names: names, values: Array(vectors.values.prefix(names.count * count)))
        let method = MethodState(
            form: head.form,
            vectors: OptimiserState(
                form: head.vectors.isEmpty ? "" : head.form, names: head.vectors,
                values: Array(vectors.values.dropFirst(names.count * count).prefix(head.vectors.count * count))),
            figures: head.figures, clients: clients)
        func model(_ place: Int) -> [Float] {
            Array(vectors.values[((names.count + head.vectors.count + place) * count)...].prefix(count))
        }
        for (place, version) in versions.enumerated() { buffer?.models[version] = model(place) }
        for (place, version) in former.enumerated() { downloads?.models[version] = model(versions.count + place) }
        return (weights, optimiser, method, buffer, downloads)
    }

    /// Makes sure that everybody at work has the model that it was given.
    private static func check(_ state: ServerState) throws(FormatError) {
        guard let buffer = state.buffer else { return }
        guard
            buffer.tasks.allSatisfy({ $0.version == state.modelVersion || buffer.models[$0.version] != nil })
        else { throw FormatError(description: "a model that a client is at work on is missing") }
    }

    private static func number(_ key: String, in metadata: [String: String]) throws -> Int {
        guard let number = metadata[key].flatMap({ Int($0) }), number >= 0 else {
            throw FormatError(description: "its metadata has no usable '\(key)'")
        }
        return number
    }

    private static let digestKey = "sha256"

    /// The digest of everything but itself, so that damage to any byte shows.
    private static func digest(_ metadata: [String: String], _ weights: Weights) -> String {
        var hash = SHA256()
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != digestKey {
            hash.update(data: Data("\(key)=\(value)\n".utf8))
        }
        weights.values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().hexadecimal
    }
}
