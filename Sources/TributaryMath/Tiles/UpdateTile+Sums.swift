internal import CTributaryKernels

extension UpdateTile {
    /// Adds the rows, each times its weight, to `sums`, row after row in double precision. `sums` has room for the
    /// padded width.
    package func addRows(scaledBy weights: [Double], to sums: inout [Double]) {
        precondition(weights.count == rowCount, "a weight for each row")
        precondition(sums.count >= Self.padded(width), "too little room for the sums")
        tributary_add_rows_scaled(instructions.rawValue, view, weights, &sums)
    }

    /// Adds each row's squared distance from `centre` to `distances`, in an order that is the same for tiles of any
    /// width (see ``block``). `centre` has the padded width and is zero where the rows are over.
    package func addDistances(from centre: [Double], to distances: inout [Double]) {
        precondition(distances.count == rowCount, "a distance for each row")
        precondition(centre.count >= Self.padded(width), "a centre narrower than the tile")
        tributary_add_distances(instructions.rawValue, view, centre, &distances)
    }
}
