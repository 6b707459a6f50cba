/// Which tensors of a model stay with a client.
public enum HeadSelection: Hashable, Sendable {
    /// The last layers, so many of them. The tensors of a layer have one name up to the last dot.
    case layers(Int)
    /// All tensors whose names begin with one of these, in lower case.
    case named([String])

    /// The head in a model.
    ///
    /// - Throws: `PlanError` if a name fits no tensor, or nothing is left to be shared.
    public func head(in layout: TensorLayout) throws(PlanError) -> ModelHead {
        let chosen: [TensorLayout.Tensor]
        switch self {
        case .layers(let count):
            let last = Self.layers(of: layout).suffix(count)
            chosen = layout.tensors.filter { last.contains(Self.layer($0)) }
        case .named(let names):
            for name in names where !layout.tensors.contains(where: { Self.fits($0, name) }) {
                throw PlanError(
                    "strategy.personalisation has head=\(planText), and no tensor's name begins with '\(name)'; the model has "
                        + Self.list(layout))
            }
            chosen = layout.tensors.filter { tensor in names.contains { Self.fits(tensor, $0) } }
        }
        guard chosen.count < layout.tensors.count else {
            throw PlanError(
                "strategy.personalisation has head=\(planText), which is the whole model (\(Self.list(layout))), so that nothing "
                    + "is left to be averaged; choose a smaller head, or a model of more layers such as mlp:100")
        }
        return ModelHead(chosen.map(\.range), parameterCount: layout.count)
    }

    private static func layer(_ tensor: TensorLayout.Tensor) -> Substring {
        tensor.name.lastIndex(of: ".").map { tensor.name[..<$0] } ?? tensor.name[...]
    }

    private static func layers(of layout: TensorLayout) -> [Substring] {
        layout.tensors.map(layer).reduce(into: []) { names, name in if !names.contains(name) { names.append(name) } }
    }

    private static func fits(_ tensor: TensorLayout.Tensor, _ name: String) -> Bool {
        tensor.name.lowercased().hasPrefix(name)
    }

    private static func list(_ layout: TensorLayout) -> String { layout.tensors.map(\.name).joined(separator: ", ") }
}

extension HeadSelection: PlanValue {
    package static var form: String {
        "a number of layers from 1, or what the names of tensors begin with, joined by +, as in dense1.bias+dense2"
    }

    package init?(planText text: String) {
        if let count = Int(text) {
            guard count >= 1 else { return nil }
            self = .layers(count)
            return
        }
        let names = text.split(separator: "+", omittingEmptySubsequences: false).map { $0.lowercased() }
        guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
        self = .named(names)
    }

    package var planText: String {
        switch self {
        case .layers(let count): "\(count)"
        case .named(let names): names.joined(separator: "+")
        }
    }
}
