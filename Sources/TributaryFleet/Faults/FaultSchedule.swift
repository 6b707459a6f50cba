package import TributaryCore
import TributaryMath
package import TributarySimulation

/// When which client fails, drawn from a seed: the fate of client i in round r is the one that it has in the simulator
/// of the same plan.
package struct FaultSchedule: Sendable {
    package let faults: FleetFaults
    private let population: DevicePopulation
    private let seed: Seed

    /// The schedule of a seed.
    package init(_ faults: FleetFaults, seed: UInt64) {
        self.faults = faults
        var plan = Plan()
        plan.seed = seed
        plan.faults = faults.plan
        population = DevicePopulation(plan: plan)
        self.seed = Seed(seed).derived("fleet")
    }

    /// What becomes of a client's training in a round.
    package func fate(of client: Int, in round: RoundNumber) -> Fate {
        population.fate(of: ClientID(index: client), in: round)
    }

    /// Whether a client has a slow link; for good.
    package func isSlow(_ client: Int) -> Bool {
        guard faults.slowLink != nil else { return false }
        var stream = seed.derived("slow", UInt64(client)).stream()
        return stream.bernoulli(faults.slowShare)
    }

    /// The share of a client's n-th transfer after which it is cut off; nil if it is not.
    package func cut(of client: Int, transfer: Int) -> Double? {
        guard faults.cut > 0 else { return nil }
        var stream = seed.derived("cut", UInt64(client), UInt64(transfer)).stream()
        return stream.bernoulli(faults.cut) ? stream.uniform() : nil
    }

    /// How long a client stays away after its n-th life.
    package func absence(of client: Int, life: Int) -> Duration {
        var stream = seed.derived("absence", UInt64(client), UInt64(life)).stream()
        return .seconds(stream.exponential(mean: faults.absence.inSeconds))
    }

    /// The registration key of a client: the same whenever a fleet of the same seed and names is started, so that it is
    /// known again. It guards nothing but made-up clients.
    package func registrationKey(of client: Int, prefix: String) -> [UInt8] {
        let name = prefix.utf8.reduce(seed.derived("key", UInt64(client))) { $0.derived("name", UInt64($1)) }
        var stream = name.stream()
        return (0..<4).flatMap { _ in withUnsafeBytes(of: stream.next().littleEndian) { Array($0) } }
    }
}
