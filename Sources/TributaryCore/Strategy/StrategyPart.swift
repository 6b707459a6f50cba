/// A part that a strategy is put together from: a small value with named parameters.
///
/// A part is an algorithm, not a process: it has no run loop, draws no randomness of its own and keeps nothing between
/// calls; what survives a round is handed in and out. What it says of itself here makes its line in plans, in
/// `tributary algorithms` and in errors.
public protocol StrategyPart: Hashable, Sendable {
    /// What there is to know of the part, whatever its parameters are.
    static var about: PartDescription { get }
    /// Its parameters, in the order in which plans say them.
    static var parameters: [PartParameter<Self>] { get }

    /// The part with the defaults of its parameters.
    init()

    /// Refuses parameters that are allowed each by itself and make no sense together.
    func checkParameters() throws(PlanError)
}

/// What there is to know of a part, whatever its parameters are.
public struct PartDescription: Hashable, Sendable {
    /// Its name in plans: lower-case letters, digits and hyphens.
    public var name: String
    /// What it does, in one line.
    public var summary: String
    /// Where it is from: authors, year, title.
    public var paper: String
    /// What it goes together with, and what it does not.
    public var combinations: String

    /// A description with all its parts.
    public init(name: String, summary: String, paper: String, combinations: String) {
        (self.name, self.summary, self.paper, self.combinations) = (name, summary, paper, combinations)
    }
}

extension StrategyPart {
    /// Any parameters that are allowed go together.
    public func checkParameters() throws(PlanError) {}

    /// The part as a value that compares with parts of other types.
    package var identity: AnyHashable { AnyHashable(self) }

    /// The part with every parameter spelt out, as records hold it.
    public var text: PartText {
        PartText(
            name: Self.about.name,
            settings: Self.parameters.map { PartText.Setting(name: $0.name, value: $0.text(in: self)) })
    }

    /// The part with the parameters that `text` says.
    ///
    /// - Parameter field: the plan's field that the text is from, for errors.
    public init(_ text: PartText, of field: String) throws(PlanError) {
        self.init()
        var said: Set<String> = []
        for setting in text.settings {
            guard let parameter = Self.parameters.first(where: { $0.name == setting.name }) else {
                throw PlanError(Self.unknownParameter(setting.name, field))
            }
            guard said.insert(setting.name).inserted else {
                throw PlanError("\(field) gives \(setting.name) of \(Self.about.name) twice; give it once")
            }
            guard parameter.set(setting.value, in: &self) else {
                throw PlanError(
                    "\(field): \(setting.name) of \(Self.about.name) is '\(setting.value)'; it must be "
                        + parameter.form)
            }
        }
        do throws(PlanError) {
            try checkParameters()
        } catch {
            throw PlanError("\(field): \(error.description)")
        }
    }

    private static func unknownParameter(_ name: String, _ field: String) -> String {
        guard !parameters.isEmpty else { return "\(field): \(about.name) has no parameters, and '\(name)' is given" }
        let hint = Suggestion.sentence(for: name, in: parameters.map(\.name), orList: "it has")
        return "\(field): \(about.name) has no parameter '\(name)'\(hint)"
    }

    /// The part as a list shows it.
    public static var listing: PartListing {
        let plain = Self()
        return PartListing(
            about: about,
            parameters: parameters.map {
                PartListing.Parameter(
                    name: $0.name, defaultText: $0.text(in: plain), form: $0.form, summary: $0.summary)
            })
    }
}

/// A part and its parameters as text, for lists.
public struct PartListing: Hashable, Sendable {
    /// One parameter.
    public struct Parameter: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Its value when a plan says nothing.
        public var defaultText: String
        /// What its values look like.
        public var form: String
        /// What it means.
        public var summary: String
    }

    /// The part.
    public var about: PartDescription
    /// Its parameters.
    public var parameters: [Parameter]
}
