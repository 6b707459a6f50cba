import ArgumentParser
import TributaryCore

/// The flags of a plan's fields, named as people know them. Values are texts that the plan's own table reads.
struct PlanFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A plan file (YAML), or - for standard input; flags override what it says.", valueName: "file"))
    var plan: String?

    @OptionGroup(title: "Data") var data: DataFlags
    @OptionGroup(title: "Rounds") var rounds: RoundFlags
    @OptionGroup(title: "Local training") var local: LocalFlags
    @OptionGroup(title: "Simulated devices and faults") var devices: DeviceFlags
    @OptionGroup(title: "Energy and carbon") var energy: EnergyFlags
    @OptionGroup(title: "Evaluation") var evaluation: EvaluationFlags

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any field of the plan, as in --set server.update-bound=4.", valueName: "field=value"))
    var fields: [String] = []

    /// The plan that defaults, the plan file and the flags make together, in this order.
    func makePlan() throws -> Plan {
        var plan = Plan()
        if let file = self.plan { try PlanFile.apply(file, to: &plan) }
        try apply(to: &plan)
        return plan
    }

    /// Sets the fields whose flags were given.
    private func apply(to plan: inout Plan) throws {
        for flag in given { try plan.apply(flag) }
        try applyExclusions(to: &plan)
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw CommandFailure(.usage, "--set '\(field)' must look like --set section.key=value")
            }
            try plan.set(parts[0], to: parts[1])
        }
    }

    /// A flag replaces what a plan file says by the other name of the same choice.
    private func applyExclusions(to plan: inout Plan) throws {
        if rounds.fraction != nil, rounds.clientsPerRound == nil { plan.cohort.count = nil }
        if rounds.clientsPerRound != nil, rounds.fraction == nil { plan.cohort.fraction = nil }
        if local.epochs != nil, local.steps == nil { plan.local.steps = nil }
        if local.steps != nil, local.epochs == nil { plan.local.epochs = nil }
        if devices.noFaults { plan.faults = Plan().faults }
        if let text = devices.dropout {
            guard let share = Double(text), share >= 0, share <= 1 else {
                throw CommandFailure(.usage, "--dropout is '\(text)'; it must be a probability from 0 to 1")
            }
            // To twelve places, so that records say 0.1 and not its neighbour.
            let third = (share / 3 * 1e12).rounded() / 1e12
            plan.faults.beforeTraining = third
            plan.faults.duringTraining = third
            plan.faults.beforeUpload = third
        }
    }

    /// The flags that were given, with the plan fields they set.
    private var given: [PlanFlag] {
        [data.fields, rounds.fields, local.fields, devices.fields, energy.fields, evaluation.fields].joined()
            .filter { $0.text != nil }
    }

    /// The plan fields that were set by a flag of any kind.
    var givenPaths: Set<String> {
        var paths = Set(given.map(\.path))
        for field in fields { paths.insert(String(field.prefix { $0 != "=" })) }
        if devices.dropout != nil {
            paths.formUnion(["before-training", "during-training", "before-upload"].map { "faults.\($0)" })
        }
        if devices.noFaults { paths.formUnion(PlanField.all.lazy.filter { $0.section == "faults" }.map(\.path)) }
        return paths
    }

    /// Whether anything about the plan was said.
    var isEmpty: Bool { plan == nil && given.isEmpty && fields.isEmpty && devices.dropout == nil && !devices.noFaults }
}

extension Plan {
    /// Sets the field of a flag, if the flag was given.
    mutating func apply(_ flag: PlanFlag) throws {
        guard let text = flag.text else { return }
        do {
            try set(flag.path, to: text)
        } catch {
            let what = text.isEmpty ? "is empty" : "is '\(text)'"
            let form = PlanField.named(flag.path)?.form ?? "another value"
            throw CommandFailure(.usage, "--\(flag.flag) \(what); it must be \(form)")
        }
    }
}

/// A flag's name, the plan field it sets, and its text if it was given.
typealias PlanFlag = (flag: String, path: String, text: String?)
