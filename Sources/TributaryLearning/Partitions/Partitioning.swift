import TributaryCore

/// How the examples of a data set are dealt out to clients.
///
/// As text, for the command line and for records: the name, then the parameter after a colon, `dirichlet:0.1`.
public enum Partitioning: Hashable, Sendable {
    /// `iid`: shuffled and cut evenly; sizes differ by at most 1.
    case iid
    /// `shards:S`: sorted by label, cut into S·N pieces, S pieces a client (McMahan et al. 2017).
    case shards(perClient: Int)
    /// `dirichlet:α`: each class is divided among the clients in shares ~ Dir(α) (Yurochkin et al. 2019).
    case dirichlet(Double)
    /// `dirichlet-labels:α`: clients of equal size, each with class shares ~ Dir(α·p), p the classes' frequencies
    /// (Hsu et al. 2019); as classes run out, later clients get what is left.
    case dirichletLabels(Double)
    /// `label-quantity:C`: every client holds exactly C classes; a class is divided equally among its holders
    /// (Li et al. 2022).
    case labelQuantity(Int)
    /// `power-law:a`: shuffled; the r-th largest client's size is in proportion to r^−a, at least 1.
    case powerLaw(Double)
    /// `natural`: the owners the data itself names; if fewer clients are asked for, that many drawn by seed.
    case natural
    /// `resample:R`: each of any number of clients draws its own R examples; shards may overlap.
    case resample(Int)
}

extension Partitioning: CustomStringConvertible {
    /// The text that parses to this value.
    public var description: String {
        switch self {
        case .iid: "iid"
        case .shards(let count): "shards:\(count)"
        case .dirichlet(let alpha): "dirichlet:\(Self.short(alpha))"
        case .dirichletLabels(let alpha): "dirichlet-labels:\(Self.short(alpha))"
        case .labelQuantity(let count): "label-quantity:\(count)"
        case .powerLaw(let exponent): "power-law:\(Self.short(exponent))"
        case .natural: "natural"
        case .resample(let count): "resample:\(count)"
        }
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
    }
}

extension Partitioning {
    /// The names, for help texts.
    public static let names = [
        "iid", "shards", "dirichlet", "dirichlet-labels", "label-quantity", "power-law", "natural", "resample",
    ]

    /// Parses `name` or `name:parameter`.
    ///
    /// Without a parameter: `shards:2`, `dirichlet:0.5`, `dirichlet-labels:0.5`, `label-quantity:2`, `power-law:1`,
    /// `resample:20`.
    public init(parsing text: String) throws(DatasetError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (name, parameter) = (parts.first ?? "", parts.count > 1 ? parts[1] : nil)
        // Below 1e-4 the shares are one-hot in all but name, and their logarithms leave the range of a Double.
        let concentration = 1e-4...1e6
        switch name {
        case "iid", "natural":
            guard parameter == nil else { throw .badRequest("the partition \(name) takes no parameter: “\(text)”") }
            self = name == "iid" ? .iid : .natural
        case "shards": self = .shards(perClient: try Self.count(parameter ?? "2", name))
        case "dirichlet": self = .dirichlet(try Self.number(parameter ?? "0.5", name, in: concentration))
        case "dirichlet-labels":
            self = .dirichletLabels(try Self.number(parameter ?? "0.5", name, in: concentration))
        case "label-quantity": self = .labelQuantity(try Self.count(parameter ?? "2", name))
        case "power-law": self = .powerLaw(try Self.number(parameter ?? "1", name, in: 0...10))
        case "resample": self = .resample(try Self.count(parameter ?? "20", name))
        default:
            throw .badRequest(
                "there is no partition “\(name.quotable())”"
                    + Suggestion.sentence(for: name, in: Self.names, orList: "known"))
        }
    }

    private static func count(_ text: String, _ name: String) throws(DatasetError) -> Int {
        guard let count = Int(text), (1...1_000_000_000).contains(count) else {
            throw .badRequest("“\(text.quotable())” in \(name):\(text.quotable()) is not a whole number of 1 or more")
        }
        return count
    }

    private static func number(
        _ text: String, _ name: String, in range: ClosedRange<Double>
    ) throws(DatasetError) -> Double {
        guard let number = Double(text), range.contains(number) else {
            throw .badRequest(
                "“\(text.quotable())” in \(name):\(text.quotable()) is not a number from \(short(range.lowerBound)) "
                    + "to \(short(range.upperBound))")
        }
        return number
    }
}
