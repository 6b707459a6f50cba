import ArgumentParser
import TributaryCore

/// `tributary plan`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print a plan file with every field, its meaning and its value.",
        discussion: """
            Flags and a plan file may be given; what they leave open is shown with its default.
              tributary plan > plan.yaml
              tributary simulate --plan plan.yaml --rounds 50
            """)

    @OptionGroup var flags: PlanFlags

    mutating func run() async throws {
        let flags = flags
        try await reportingFailures {
            let plan = try flags.makePlan()
            try plan.checkParts()
            Console.text(PlanTemplate.text(of: plan))
        }
    }
}
