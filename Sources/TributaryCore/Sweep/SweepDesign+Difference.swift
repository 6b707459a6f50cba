extension SweepDesign {
    /// The first thing in which another design is not this one, as in "local.epochs was 1 and is now 2"; nil if they are the
    /// same.
    public func difference(from earlier: SweepDesign) -> String? {
        let (old, new) = (earlier.texts, texts)
        for (name, text) in new where old.first(where: { $0.name == name })?.text != text {
            let before = old.first { $0.name == name }?.text ?? "not there"
            return "\(name) was \(before) and is now \(text)"
        }
        if let gone = old.first(where: { name, _ in !new.contains { $0.name == name } }) {
            return "\(gone.name) was \(gone.text) and is now not there"
        }
        if axes != earlier.axes { return "the axes were in another order" }
        return settings == earlier.settings ? nil : "another version of Tributary drew its settings"
    }

    /// All that a design depends on.
    private var texts: [(name: String, text: String)] {
        var texts = axes.map { (name: "axis \($0.field)", text: $0.text) }
        texts.append(("--samples", sampling.map { String($0.count) } ?? "none"))
        texts.append(("--sweep-seed", sampling.map { String($0.seed) } ?? "none"))
        texts.append(("the list of seeds", seeds.map(String.init).joined(separator: ",")))
        for field in PlanField.all where field.path != "seed" { texts.append((field.path, field.text(in: base))) }
        return texts
    }
}
