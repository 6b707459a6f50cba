import TributaryMath

/// Deals by Dirichlet shares. Small α: few classes a client; large α: nearly IID.
enum DirichletDeal {
    /// Each class is divided among the clients in shares ~ Dir(α); sizes differ widely.
    ///
    /// A client left without a row is given one of the largest clients', so everybody can train.
    static func overClients(
        _ classes: ClassRows, clients: Int, alpha: Double, stream: inout RandomStream
    ) -> [UInt32] {
        var owners = [UInt32](repeating: 0, count: classes.count)
        let concentrations = [Double](repeating: alpha, count: clients)
        for rows in classes.rows where !rows.isEmpty {
            let counts = Apportionment.shares(rows.count, weights: stream.dirichlet(concentrations))
            var next = 0
            for (client, count) in counts.enumerated() {
                for row in rows[next..<next + count] { owners[Int(row)] = UInt32(client) }
                next += count
            }
        }
        fillEmpty(&owners, clients: clients, stream: &stream)
        return owners
    }

    /// Clients of equal size; each fills its places from its own class shares ~ Dir(α·p) while the classes last.
    static func overLabels(
        _ classes: ClassRows, clients: Int, alpha: Double, stream: inout RandomStream
    ) -> [UInt32] {
        var left = classes.rows.map(\.count)
        let concentrations = left.map { alpha * Double($0) / Double(classes.count) }
        var order = Array(0..<clients)
        stream.shuffle(&order)
        let sizes = Apportionment.evenSizes(classes.count, parts: clients)
        var owners = [UInt32](repeating: 0, count: classes.count)
        for (place, client) in order.enumerated() {
            var shares = stream.dirichlet(concentrations)
            for label in shares.indices where left[label] == 0 { shares[label] = 0 }
            for _ in 0..<sizes[place] {
                let label = draw(shares, left, stream: &stream)
                left[label] -= 1
                if left[label] == 0 { shares[label] = 0 }
                owners[Int(classes.rows[label][left[label]])] = UInt32(client)
            }
        }
        return owners
    }

    /// A class by its share; if no class with a share is left, by what is left of each. Something must be left.
    private static func draw(_ shares: [Double], _ left: [Int], stream: inout RandomStream) -> Int {
        let total = shares.reduce(0, +)
        let byShare = total > 0
        var point = stream.uniform() * (byShare ? total : Double(left.reduce(0, +)))
        var last = 0
        for label in shares.indices {
            let weight = byShare ? shares[label] : Double(left[label])
            guard weight > 0 else { continue }
            last = label
            point -= weight
            if point < 0 { return label }
        }
        return last
    }

    /// Moves one row to every client that has none, from the largest ones, which are levelled down together.
    private static func fillEmpty(_ owners: inout [UInt32], clients: Int, stream: inout RandomStream) {
        var sizes = [Int](repeating: 0, count: clients)
        for owner in owners { sizes[Int(owner)] += 1 }
        var empty = sizes.indices.filter { sizes[$0] == 0 }
        guard !empty.isEmpty else { return }
        // The highest level above which there are enough rows to give.
        var (low, high) = (1, sizes.max() ?? 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if sizes.reduce(0, { $0 + max(0, $1 - middle) }) >= empty.count { low = middle } else { high = middle - 1 }
        }
        var order = Array(owners.indices)
        stream.shuffle(&order)
        for row in order {
            guard let client = empty.last else { return }
            let giver = Int(owners[row])
            guard sizes[giver] > low else { continue }
            sizes[giver] -= 1
            sizes[client] = 1
            owners[row] = UInt32(client)
            empty.removeLast()
        }
    }
}
