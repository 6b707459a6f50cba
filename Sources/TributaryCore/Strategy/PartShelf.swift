/// The parts of one kind that plans may name.
///
/// Where a plan wants a part it gets a `Part`, an existential such as `any ServerOptimiser`: the types themselves are behind
/// what makes one of them from text.
struct PartShelf<Part>: Sendable {
    private struct Entry: Sendable {
        let listing: PartListing
        let make: @Sendable (PartText, _ field: String) throws(PlanError) -> Part
    }

    /// What the parts are called in errors, as in "server optimiser".
    let kind: String
    /// The field of plans that names one.
    let field: String
    /// Names that the field takes beside those of parts.
    let others: [String]
    private var entries: [Entry] = []

    /// No parts.
    init(_ kind: String, of field: String, beside others: [String] = []) {
        (self.kind, self.field, self.others) = (kind, field, others)
    }

    private var names: [String] { others + entries.map(\.listing.about.name) }

    /// The parts, as a list shows them.
    var listings: [PartListing] { entries.map(\.listing) }

    /// Adds a part. Its name must be free.
    mutating func add<Added: StrategyPart>(_ part: Added.Type, as wrap: @escaping @Sendable (Added) -> Part) {
        let name = part.about.name
        precondition(!names.contains(name), "there is a \(kind) '\(name)' already")
        entries.append(
            Entry(listing: part.listing) { text, field throws(PlanError) in wrap(try Added(text, of: field)) })
    }

    /// The part that a plan names.
    func part(_ text: PartText) throws(PlanError) -> Part {
        guard let entry = entries.first(where: { $0.listing.about.name == text.name }) else {
            let hint = Suggestion.sentence(for: text.name, in: names, orList: "there are")
            throw PlanError("\(field) is '\(text)', and there is no \(kind) '\(text.name)'\(hint)")
        }
        return try entry.make(text, field)
    }
}
