import TributaryCore

/// How a checkpoint holds which models clients have: who has which as metadata, former models as vectors beside the newest.
extension DownloadState {
    private static let keys = (versions: "download_versions", held: "download_held", underWay: "download_under_way")

    /// The state without its models: `client:version` and `client:bytes`, in ascending order.
    var metadata: [String: String] {
        [
            Self.keys.versions: versions.map { String($0.rawValue) }.joined(separator: ","),
            Self.keys.held: Self.text(held.mapValues(\.rawValue)),
            Self.keys.underWay: Self.text(underWay),
        ]
    }

    /// Reads what `metadata` wrote, with empty models; nil where there is none.
    init?(_ metadata: [String: String]) throws(Checkpoint.FormatError) {
        guard let text = metadata[Self.keys.versions] else { return nil }
        self.init()
        let words = text.split(separator: ",")
        let numbers = words.compactMap { Int($0) }
        guard numbers.count == words.count, numbers.allSatisfy({ $0 >= 0 }), Set(numbers).count == numbers.count else {
            throw Self.damaged
        }
        for number in numbers { models[ModelVersion(number)] = [] }
        held = try Self.numbers(metadata[Self.keys.held]).mapValues { ModelVersion($0) }
        underWay = try Self.numbers(metadata[Self.keys.underWay])
    }

    /// The names of the models' vectors.
    static func tensorNames(_ versions: [ModelVersion]) -> [String] { versions.map { "former-\($0.rawValue)" } }

    private static func text(_ numbers: [ClientID: Int]) -> String {
        numbers.sorted { $0.key < $1.key }.map { "\($0.key.rawValue):\($0.value)" }.joined(separator: ",")
    }

    private static func numbers(_ text: String?) throws(Checkpoint.FormatError) -> [ClientID: Int] {
        var numbers: [ClientID: Int] = [:]
        for word in (text ?? "").split(separator: ",") {
            let halves = word.split(separator: ":", omittingEmptySubsequences: false)
            guard halves.count == 2, let client = UInt64(halves[0]), let number = Int(halves[1]), number >= 0,
                numbers.updateValue(number, forKey: ClientID(client)) == nil
            else { throw damaged }
        }
        return numbers
    }

    private static var damaged: Checkpoint.FormatError {
        Checkpoint.FormatError(description: "which models its clients have cannot be read")
    }
}

extension OptimiserState {
    /// These vectors and the former models that clients have.
    func followed(by downloads: DownloadState?) -> OptimiserState {
        guard let downloads, !downloads.models.isEmpty else { return self }
        let versions = downloads.versions
        return OptimiserState(
            form: form, names: names + DownloadState.tensorNames(versions),
            values: values + versions.flatMap { downloads.models[$0] ?? [] })
    }
}
