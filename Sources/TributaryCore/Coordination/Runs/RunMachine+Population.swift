/// Runs whose method keeps a figure for every client of a population that comes and goes.
///
/// The population of a round is in its row, and whose figures were kept in the end's row. So the figures that a round goes by
/// follow from what is on disk, whoever registers or leaves while it is open.
extension RunMachine {
    /// The population of a round that is opened now, in ascending order: the registered clients that meet the target. Where they are
    /// more than the method is for, those who were in it stay, and others come in when there is room.
    var population: [ClientID] {
        guard let limit = fitted.strategy.method.populationLimit, clients.count > limit else { return clients.sorted() }
        let stayed = (methodState?.clients ?? []).filter(clients.contains)
        let others = clients.subtracting(stayed).sorted()
        return (stayed + others.prefix(max(0, limit - stayed.count))).sorted()
    }

    /// Those of the registered clients that meet the target who may be invited.
    var candidates: Set<ClientID> {
        guard terms.form.hasFigurePerClient, let limit = fitted.strategy.method.populationLimit, clients.count > limit
        else { return clients }
        return Set(population)
    }

    /// The method's figures for a round: where each client has one, those of the round's population.
    func figures(for round: RoundRow) -> [Double] {
        guard let population = round.population else { return methodFigures }
        let method = fitted.strategy.method
        guard let state = methodState, let before = state.clients else {
            return method.initialFigures(populationSize: population.count)
        }
        guard before != population else { return state.figures }
        let places = Dictionary(zip(before, before.indices)) { first, _ in first }
        return method.figures(state.figures, movedTo: population.map { places[$0] })
    }

    /// A client as the method knows it: by its place in the open round's population, where each client has a figure. Nil if it is
    /// not in that.
    func member(_ client: ClientID) -> ClientID? {
        guard let population = open?.row.population else { return client }
        return Self.place(of: client, in: population).map(ClientID.init(index:))
    }

    /// Where a client is among others that are in ascending order; nil if it is not among them.
    static func place(of client: ClientID, in clients: [ClientID]) -> Int? {
        var (low, high) = (0, clients.count)
        while low < high {
            let middle = (low + high) / 2
            if clients[middle] < client { low = middle + 1 } else { high = middle }
        }
        return low < clients.count && clients[low] == client ? low : nil
    }
}
