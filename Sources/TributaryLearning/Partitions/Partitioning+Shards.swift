public import TributaryMath

extension Partitioning {
    /// Deals out a data set's training table.
    ///
    /// - Parameters:
    ///   - clients: how many clients; nil only for `natural`, where it means all.
    ///   - holdOut: the shares of each client's rows that it does not train on. Where the data set itself says whose
    ///     the central test rows are (`natural`), these are the client's test rows and `holdOut.test` is not taken.
    ///   - seed: the run's seed; the same seed gives the same shards.
    /// - Throws: `DatasetError` if the data cannot be divided so.
    public func makeShards(
        _ dataset: Dataset, clients: Int?, holdOut: HoldOut = .none, seed: Seed
    ) throws(DatasetError) -> any ShardSource {
        let seed = seed.derived("partition")
        let examples = dataset.train
        guard examples.count > 0, examples.count < Int(UInt32.max) else {
            throw .badData("the data set \(dataset.name) has \(examples.count) examples, which cannot be divided")
        }
        if self == .natural { return try natural(dataset, clients: clients, holdOut: holdOut, seed: seed) }
        guard let clients else { throw .badRequest("the partition \(self) needs a number of clients") }
        guard clients > 0, clients < Int(UInt32.max) else {
            throw .badRequest("\(clients) clients: a population has at least 1")
        }
        if case .resample(let count) = self {
            guard count <= examples.count else {
                throw .badRequest("\(self): the data set \(dataset.name) has only \(examples.count) examples")
            }
            return ResampledShards(
                clientCount: clients, rowCount: count, population: examples.count, holdOut: holdOut, seed: seed)
        }
        guard clients <= examples.count else {
            throw .badRequest(
                "\(clients) clients, but the data set \(dataset.name) has only \(examples.count) examples; "
                    + "use fewer clients or resample:20")
        }
        let owners = try owners(of: examples, clients: clients, seed: seed)
        return PartitionedShards(OwnedRows(owners: owners, clientCount: clients), holdOut: holdOut, seed: seed)
    }

    /// The owner of every row: each row has exactly one, so nothing is lost or dealt out twice.
    private func owners(of examples: Examples, clients: Int, seed: Seed) throws(DatasetError) -> [UInt32] {
        var stream = seed.derived("deal").stream()
        switch self {
        case .iid:
            return EvenDeal.owners(
                sizes: Apportionment.evenSizes(examples.count, parts: clients), stream: &stream)
        case .powerLaw(let exponent):
            return EvenDeal.owners(
                sizes: EvenDeal.powerLawSizes(examples.count, clients, exponent, stream: &stream), stream: &stream)
        case .shards(let perClient):
            let classes = try ClassRows(examples, for: self, stream: &stream)
            return try LabelDeal.shards(classes, clients: clients, perClient: perClient, stream: &stream)
        case .labelQuantity(let count):
            let classes = try ClassRows(examples, for: self, stream: &stream)
            return try LabelDeal.quantity(classes, clients: clients, classesPerClient: count, stream: &stream)
        case .dirichlet(let alpha):
            let classes = try ClassRows(examples, for: self, stream: &stream)
            return DirichletDeal.overClients(classes, clients: clients, alpha: alpha, stream: &stream)
        case .dirichletLabels(let alpha):
            let classes = try ClassRows(examples, for: self, stream: &stream)
            return DirichletDeal.overLabels(classes, clients: clients, alpha: alpha, stream: &stream)
        case .natural, .resample:
            preconditionFailure("natural and resampled shards are not dealt out row by row")
        }
    }

    private func natural(
        _ dataset: Dataset, clients: Int?, holdOut: HoldOut, seed: Seed
    ) throws(DatasetError) -> any ShardSource {
        guard let natural = dataset.naturalClients else {
            throw .badRequest(
                "the data set \(dataset.name) does not say whose its examples are, so it has no natural partition")
        }
        var holds = [Bool](repeating: false, count: natural.names.count)
        for owner in natural.owners { holds[Int(owner)] = true }
        let present = holds.indices.filter { holds[$0] }
        let wanted = clients ?? present.count
        guard wanted > 0 else { throw .badRequest("\(wanted) clients: a population has at least 1") }
        guard wanted <= present.count else {
            throw .badRequest("\(wanted) clients, but the data set \(dataset.name) has only \(present.count) by nature")
        }
        var stream = seed.derived("choose").stream()
        let chosen = stream.sample(wanted, of: present.count).sorted().map { present[$0] }
        var clientOf = [UInt32](repeating: OwnedRows.nobody, count: natural.names.count)
        for (client, owner) in chosen.enumerated() { clientOf[owner] = UInt32(client) }
        let rows = OwnedRows(owners: natural.owners.map { clientOf[Int($0)] }, clientCount: wanted)
        guard let testOwners = natural.testOwners else {
            return PartitionedShards(rows, holdOut: holdOut, seed: seed)
        }
        let centralTest = OwnedRows(owners: testOwners.map { clientOf[Int($0)] }, clientCount: wanted)
        let validationOnly = try HoldOut(validation: holdOut.validation)
        return PartitionedShards(rows, centralTest: centralTest, holdOut: validationOnly, seed: seed)
    }
}
