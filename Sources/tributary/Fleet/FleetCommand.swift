import ArgumentParser
import Foundation
import TributaryClient
import TributaryCore
import TributaryFleet
import TributaryLearning
import TributarySimulation
import TributaryWire

/// `tributary fleet`
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Send thousands of virtual clients to a server, and measure how it keeps up.",
        discussion: """
            Examples:
              tributary fleet --dataset mnist --clients 1000 --server https://localhost:8470 --ca ca.pem \\
                --run load-1 --model softmax --rounds 20 --clients-per-round 100
              tributary fleet --dataset digits --clients 100 --dropout 0.2 --duplicate 0.1 --cut 0.05 --duration 60s

            Every client is one of its own: it registers, waits for tasks and trains on its shard, which is the one that \
            the simulated client of the same number holds. With --run the fleet creates the run that the plan's flags \
            describe, or finds it, and ends with it; without, it ends after --duration or with Ctrl-C.
            """)

    @OptionGroup(title: "Server") var server: ServerFlags
    @OptionGroup(title: "Fleet") var fleet: FleetFlags
    @OptionGroup var plan: PlanFlags
    @OptionGroup var style: OutputFlags

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.play() }
    }

    private func play() async throws {
        let plan = try plan.makePlan()
        guard plan.faults.attack == nil else {
            throw CommandFailure(
                .usage, "--attack (faults.attack) is played by tributary simulate only; a fleet's clients are honest")
        }
        guard plan.faults.straggler == 0 else {
            throw CommandFailure(
                .usage,
                "--stragglers (faults.straggler) are played by tributary simulate only; a fleet's clients do all of their work"
            )
        }
        let duration = try fleet.duration.map { try FleetFlags.time($0, "duration") }
        if fleet.untilDone, fleet.run == nil {
            throw CommandFailure(.usage, "--until-done waits for the end of a run; say which with --run")
        }
        let data = try SharedData(plan)
        let settings = try settings(for: plan, data)
        let watched = try fleet.run.map { try run(named: $0, plan, data.dataset.signature) }
        let printer = FleetPrinter(style)
        printer.begins(settings, clientCount: data.shards.clientCount)
        let end = AsyncStream<Never>.makeStream()
        let interrupts = Interrupts {
            printer.stopRequested()
            end.continuation.finish()
        }
        let report = try await Fleet(settings, work: SharedWork(data.dataset, shards: data.shards)).run(
            watching: watched, lasting: duration, until: { for await _ in end.stream {} }, progress: printer.goesOn)
        try printer.ended(report)
        // Without a run or a duration a stop is how a fleet ends.
        if interrupts.stop.isMade, watched != nil || duration != nil {
            throw ExitCode(CommandFailure.Code.interrupted.rawValue)
        }
        if let run = report.run, run.state == "failed" {
            throw CommandFailure(.ourFault, "\(run.name) failed: \(run.reason)")
        }
    }

    private func settings(for plan: Plan, _ data: SharedData) throws -> FleetSettings {
        var client = server.settings
        client.description = ClientDescription(
            labels: try LabelFlags.parse(fleet.clientLabel, flag: "client-label"),
            version: SoftwareVersion(ToolVersion.text) ?? SoftwareVersion(0, 0, 0),
            dataSignature: data.dataset.signature.description)
        client.joinToken =
            try server.token(file: fleet.joinTokenFile, variable: "TRIBUTARY_JOIN_TOKEN", name: "join") ?? ""
        var settings = FleetSettings(client)
        settings.workers = fleet.workers ?? ProcessInfo.processInfo.activeProcessorCount
        settings.seed = plan.seed
        settings.faults.plan = plan.faults
        settings.regions = try fleet.regions.map(EnergyFlags.regions) ?? plan.carbonRegions()
        try fleet.apply(to: &settings)
        return settings
    }

    private func run(named name: String, _ plan: Plan, _ signature: DataSignature) throws -> FleetRun {
        guard let id = RunID(rawValue: name) else {
            throw CommandFailure(
                .usage, "--run is '\(name)'; it must be 1 to 64 lower-case letters, digits and hyphens")
        }
        let found = try server.token(
            file: fleet.operatorTokenFile, variable: "TRIBUTARY_OPERATOR_TOKEN", name: "operator")
        guard let token = found else {
            throw CommandFailure(
                .usage,
                "--run needs the operators' token; give it with --operator-token-file FILE or TRIBUTARY_OPERATOR_TOKEN")
        }
        var plan = plan
        if plan.model == "auto" { plan.model = ModelSpec(fitting: signature).description }
        // What is played here is none of the server's business.
        (plan.faults, plan.devices) = (Plan().faults, Plan().devices)
        let table = try plan.takeCarbonTable()
        let said = PlanField.all.filter { $0.text(in: plan) != $0.defaultText }
        var request = RunRequest(
            run: id, plan: Dictionary(uniqueKeysWithValues: said.map { ($0.path, $0.text(in: plan)) }),
            target: ClientTarget(
                labels: try LabelFlags.parse(fleet.clientLabel, flag: "client-label"),
                dataSignature: signature.description))
        request.carbonTrace = table
        return FleetRun(request, token: token)
    }
}
