/// How updates are written on their way to the server, as part of a strategy.
public struct Compression: Hashable, Sendable {
    /// The encoding.
    public var encoding: UpdateEncoding
    /// Whether clients keep what their updates left out, and add it to the next (Karimireddy et al. 2019).
    public var hasErrorFeedback: Bool

    /// A way of writing updates.
    public init(_ encoding: UpdateEncoding, hasErrorFeedback: Bool) {
        (self.encoding, self.hasErrorFeedback) = (encoding, hasErrorFeedback)
    }

    /// The compression that a plan says; nil where numbers travel as they are.
    ///
    /// Encodings that err in a direction have error feedback unless the plan says that they have none.
    init?(_ plan: Plan) throws(PlanError) {
        let encoding = plan.strategy.encoding ?? UpdateEncoding(.float32)
        guard encoding != UpdateEncoding(.float32) else {
            guard plan.strategy.errorFeedback != true else {
                throw PlanError(
                    "strategy.error-feedback is for encodings that leave something out, and strategy.encoding is "
                        + "\(encoding); leave it out, or choose an encoding such as topk:0.05")
            }
            return nil
        }
        self.init(encoding, hasErrorFeedback: plan.strategy.errorFeedback ?? (encoding.bias == .biased))
    }
}

extension UpdateEncoding: PlanValue {
    package static var form: String { "an encoding such as qsgd:4 or topk:0.05 (see tributary encodings)" }

    package init?(planText text: String) {
        do throws(TextError) {
            try self.init(text)
        } catch {
            return nil
        }
    }

    package var planText: String { description }
}

extension Strategy {
    /// What the method, the clients' own models and the compression together keep, send and measure.
    package var form: MethodForm {
        var form = method.form
        if let own = personalisation?.formName {
            form.name += (form.isEmpty ? "" : "+") + own
            form.memory.append(Self.ownModelName)
        }
        guard compression?.hasErrorFeedback == true else { return form }
        form.name += (form.isEmpty ? "" : "+") + "feedback-1"
        form.memory.append(Self.residualName)
        return form
    }

    /// What a client has for itself, after what its method remembers. It alone may be of another length than the model.
    package static let ownModelName = "own"

    /// The vector of what a client's updates have left out, the last that it remembers.
    package static let residualName = "residual"
}
