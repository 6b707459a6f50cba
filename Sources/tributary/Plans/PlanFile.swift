import TributaryCore

/// Reads plan files: YAML (or JSON, which is YAML) whose sections and keys are the fields of a plan.
///
/// ```yaml
/// rounds: 20
/// model: mlp:200,200
/// data:
///   set: fashion-mnist
///   clients: 100
/// ```
enum PlanFile {
    /// Sets every field that the file says. Errors name the file and the line.
    static func apply(_ path: String, to plan: inout Plan) throws {
        for entry in try SectionedFile(path == "-" ? "/dev/stdin" : path, form, calledBy: path).entries {
            do {
                try plan.set(entry.name, to: entry.text)
            } catch {
                throw CommandFailure(.badData, "\(entry.place): \(error)")
            }
        }
    }

    private static let form = SectionedFile.Form(
        kind: "plan", example: "rounds: 20", sections: Set(PlanField.all.map(\.section)))
}
