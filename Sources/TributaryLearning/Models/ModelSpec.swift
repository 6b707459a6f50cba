/// A model by name, before the data says how large it is.
///
/// Written as text in plans and on the command line: `softmax`, `linear`, `mlp:200,200`, `cnn`, `lstm`, `lstm:128`.
public enum ModelSpec: Hashable, Sendable {
    /// Softmax regression: one dense layer, cross-entropy.
    case softmax
    /// Linear regression: one dense layer with one output, squared error.
    case linear
    /// A multi-layer perceptron with the given hidden widths and ReLU; squared error where labels are numbers.
    case perceptron(hidden: [Int])
    /// The convolutional network of McMahan 2017, for images.
    case convolutional
    /// A character LSTM with layers of the given widths, for text.
    case recurrent(layers: [Int])
}

extension ModelSpec: CustomStringConvertible {
    /// The text that ``init(parsing:)`` reads.
    public var description: String {
        switch self {
        case .softmax: "softmax"
        case .linear: "linear"
        case .perceptron(let hidden): "mlp:" + hidden.map(String.init).joined(separator: ",")
        case .convolutional: "cnn"
        case .recurrent([256, 256]): "lstm"
        case .recurrent(let layers): "lstm:" + layers.map(String.init).joined(separator: ",")
        }
    }
}

extension ModelSpec {
    private static let names = ["softmax", "linear", "mlp", "cnn", "lstm"]
    /// The widest layer a spec may ask for.
    private static let widestLayer = 65_536

    /// Reads a model's name and, after a colon, its layers' widths. `mlp` alone is `mlp:200,200`.
    public init(parsing text: String) throws(ModelError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        let sizes = parts.count > 1 ? try Self.widths(parts[1], in: text) : nil
        switch name {
        case "mlp": self = .perceptron(hidden: sizes ?? [200, 200])
        case "lstm": self = .recurrent(layers: sizes ?? [256, 256])
        case "softmax", "linear", "cnn":
            if sizes != nil {
                throw ModelError(.malformedSpec, "model \"\(text)\": \(name) takes no sizes; write \"\(name)\"")
            }
            self = name == "softmax" ? .softmax : name == "linear" ? .linear : .convolutional
        default:
            let near = Self.names.min { Self.distance($0, name) < Self.distance($1, name) } ?? "mlp"
            let hint = Self.distance(near, name) <= 2 ? "did you mean \"\(near)\"? " : ""
            throw ModelError(
                .malformedSpec, "unknown model \"\(text)\": \(hint)models are \(Self.names.joined(separator: ", "))")
        }
    }

    private static func widths(_ list: Substring, in text: String) throws(ModelError) -> [Int] {
        var result: [Int] = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let width = Int(item), (1...widestLayer).contains(width) else {
                throw ModelError(
                    .malformedSpec,
                    "model \"\(text)\": \"\(item)\" is not a layer width from 1 to \(widestLayer), as in \"mlp:200,200\""
                )
            }
            result.append(width)
        }
        return result
    }

    /// Levenshtein's edit distance.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
