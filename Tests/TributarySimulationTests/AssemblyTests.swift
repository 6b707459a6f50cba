import Testing
import TributaryCore
import TributaryLearning
import TributarySimulation

@Suite struct AssemblyTests {
    @Test func syntheticDevicesAreMadeInTheNumberOfClients() throws {
        var plan = Plan()
        for (set, clients, count) in [
            ("synthetic", nil, 30), ("synthetic", 12, 12), ("synthetic:iid", 7, 7), ("synthetic:0.5,0.5", 9, 9),
            ("synthetic:1,1,20", 5, 5),
        ] {
            plan.data.set = set
            plan.data.clients = clients
            let assembly = try Assembly(plan)
            #expect(assembly.shards.clientCount == count)
            #expect(assembly.dataset.naturalClients?.names.count == max(count, set == "synthetic:1,1,20" ? 20 : 0))
        }
    }

    @Test func aResolvedPlanAssemblesToItself() throws {
        var plan = Plan()
        plan.data.set = "synthetic"
        let first = try Assembly(plan)
        let again = try Assembly(first.plan)
        #expect(again.plan == first.plan)
        #expect(again.dataset.train.count == first.dataset.train.count)
    }
}
