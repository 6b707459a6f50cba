import ArgumentParser
import Foundation
import TributaryCore
import TributaryWire

/// `tributary run`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Create, look at and steer the runs of a server.",
        subcommands: [
            RunCreate.self, RunList.self, RunShow.self, RunWatch.self, RunPause.self, RunResume.self, RunStop.self,
        ], defaultSubcommand: RunList.self)
}

/// Who the operator is, and to which server.
struct OperatorFlags: ParsableArguments {
    @OptionGroup(title: "Server") var server: ServerFlags
    @Option(
        help: ArgumentHelp(
            "The file of the operators' token (else TRIBUTARY_OPERATOR_TOKEN, else that of a server here).",
            valueName: "file"))
    var tokenFile: String?
    @Flag(help: "Print JSON.")
    var json = false

    func token() throws -> String {
        let found = try server.token(file: tokenFile, variable: "TRIBUTARY_OPERATOR_TOKEN", name: "operator")
        guard let found else {
            throw CommandFailure(
                .usage, "there is no operators' token; give it with --token-file FILE or TRIBUTARY_OPERATOR_TOKEN")
        }
        return found
    }

    /// Prints a run that a call answered with.
    func print(_ run: WireRun, _ text: (WireRun) -> String) throws {
        Console.text(json ? try RunText.json(run) : text(run))
    }
}

/// `tributary run list`
struct RunList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List a server's runs.")

    @OptionGroup var flags: OperatorFlags

    mutating func run() async throws {
        let flags = flags
        try await reportingFailures {
            let answer = try await OperatorClient.with(flags) { try await $0.call(.listRuns, WireListRunsRequest()) }
            if flags.json { return Console.text(try RunText.json(answer)) }
            Console.text(
                answer.runs.isEmpty
                    ? "no runs yet; create one with: tributary run create NAME …\n" : RunText.table(answer.runs))
        }
    }
}

/// `tributary run show`
struct RunShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Say how a run is, and how its last rounds went.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String
    @Option(help: ArgumentHelp("The most rounds to show.", valueName: "count"))
    var rounds: Int = 10
    @OptionGroup var flags: OperatorFlags

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            var request = WireGetRunRequest()
            request.run = try RunText.checked(command.name)
            request.withRounds = command.rounds > 0
            let wanted = request
            let answer = try await OperatorClient.with(command.flags) { try await $0.call(.getRun, wanted) }
            if command.flags.json { return Console.text(try RunText.json(answer)) }
            Console.text(RunText.details(answer.run))
            let last = answer.rounds.suffix(max(0, command.rounds))
            if !last.isEmpty { Console.text("\n" + RunText.rounds(Array(last))) }
        }
    }
}

/// `tributary run pause`
struct RunPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Open no new rounds; the open one goes on to its end.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String
    @OptionGroup var flags: OperatorFlags

    mutating func run() async throws {
        let (name, flags) = (name, flags)
        try await reportingFailures {
            var request = WirePauseRunRequest()
            request.run = try RunText.checked(name)
            let wanted = request
            try flags.print(await OperatorClient.with(flags) { try await $0.call(.pauseRun, wanted) }.run, RunText.line)
        }
    }
}

/// `tributary run resume`
struct RunResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a run that was paused or that failed.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String
    @OptionGroup var flags: OperatorFlags

    mutating func run() async throws {
        let (name, flags) = (name, flags)
        try await reportingFailures {
            var request = WireResumeRunRequest()
            request.run = try RunText.checked(name)
            let wanted = request
            try flags.print(
                await OperatorClient.with(flags) { try await $0.call(.resumeRun, wanted) }.run, RunText.line)
        }
    }
}

/// `tributary run stop`
struct RunStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "End a run after its open round, for good.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String
    @OptionGroup var flags: OperatorFlags

    mutating func run() async throws {
        let (name, flags) = (name, flags)
        try await reportingFailures {
            var request = WireStopRunRequest()
            request.run = try RunText.checked(name)
            let wanted = request
            try flags.print(await OperatorClient.with(flags) { try await $0.call(.stopRun, wanted) }.run, RunText.line)
        }
    }
}
