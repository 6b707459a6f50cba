import TributaryMath

/// Deals that give a client few classes.
enum LabelDeal {
    /// Rows sorted by label, cut into `perClient` · `clients` pieces, which are dealt out at random.
    static func shards(
        _ classes: ClassRows, clients: Int, perClient: Int, stream: inout RandomStream
    ) throws(DatasetError) -> [UInt32] {
        let (pieces, overflow) = perClient.multipliedReportingOverflow(by: clients)
        guard !overflow, pieces <= classes.count else {
            throw .badRequest(
                "\(clients) clients with \(perClient) shards each need as many examples, "
                    + "but there are only \(classes.count); use fewer clients or shards")
        }
        var order = Array(0..<pieces)
        stream.shuffle(&order)
        let bounds = Apportionment.evenBounds(classes.count, parts: pieces)
        let sorted = classes.rows.flatMap { $0 }
        var owners = [UInt32](repeating: 0, count: classes.count)
        for (place, piece) in order.enumerated() {
            for row in sorted[bounds[piece]..<bounds[piece + 1]] { owners[Int(row)] = UInt32(place / perClient) }
        }
        return owners
    }

    /// Exactly `classesPerClient` classes each; a class is divided evenly among its holders.
    static func quantity(
        _ classes: ClassRows, clients: Int, classesPerClient: Int, stream: inout RandomStream
    ) throws(DatasetError) -> [UInt32] {
        let present = classes.present
        guard classesPerClient <= present.count else {
            throw .badRequest("\(classesPerClient) classes a client, but the data has only \(present.count)")
        }
        guard clients * classesPerClient >= present.count else {
            throw .badRequest(
                "\(clients) clients with \(classesPerClient) classes each cannot hold all \(present.count) classes; "
                    + "use more clients or more classes a client")
        }
        let holders = holders(of: present, clients: clients, classesPerClient: classesPerClient, stream: &stream)
        var owners = [UInt32](repeating: 0, count: classes.count)
        for (label, holding) in zip(present, holders) {
            let rows = classes.rows[label]
            guard rows.count >= holding.count else {
                throw .badRequest(
                    "class \(label) has \(rows.count) examples for \(holding.count) clients that should hold it; "
                        + "use fewer clients or fewer classes a client")
            }
            let bounds = Apportionment.evenBounds(rows.count, parts: holding.count)
            for (part, client) in holding.enumerated() {
                for row in rows[bounds[part]..<bounds[part + 1]] { owners[Int(row)] = client }
            }
        }
        return owners
    }

    /// The holders of each class. Clients draw from a deck that holds every class once and is shuffled anew when it
    /// is empty, so holders per class differ by at most 1 and no class is without one.
    private static func holders(
        of present: [Int], clients: Int, classesPerClient: Int, stream: inout RandomStream
    ) -> [[UInt32]] {
        var holders = [[UInt32]](repeating: [], count: present.count)
        var deck: [Int] = []
        for client in 0..<clients {
            var hand = Array(deck.suffix(classesPerClient))
            deck.removeLast(hand.count)
            if hand.count < classesPerClient {
                deck = Array(present.indices)
                stream.shuffle(&deck)
                // What the hand already has goes to the bottom, so that it is not drawn twice.
                let held = Set(hand)
                deck = deck.filter { held.contains($0) } + deck.filter { !held.contains($0) }
                let missing = classesPerClient - hand.count
                hand += deck.suffix(missing)
                deck.removeLast(missing)
            }
            for place in hand { holders[place].append(UInt32(client)) }
        }
        return holders
    }
}
