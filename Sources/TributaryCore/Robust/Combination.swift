internal import TributaryMath

/// A combination of a round's updates and, for rules with a memory, the aggregate before:
/// z = (Σ wᵢ uᵢ + p · previous) / divisor.
///
/// Many rules give such a point, and the iterative ones compare updates with one at every step. Its few numbers stand
/// for it, and it is worked out tile by tile wherever it is needed.
struct Combination {
    /// wᵢ of each update.
    var weights: [Double]
    /// p.
    var previousWeight = 0.0
    /// What the sum is divided by.
    var divisor = 1.0

    /// The origin.
    static func zero(of count: Int) -> Combination {
        Combination(weights: [Double](repeating: 0, count: count))
    }

    /// The mean of the updates at some places.
    static func mean(of places: [Int], among count: Int) -> Combination {
        var mean = zero(of: count)
        for place in places { mean.weights[place] = 1 }
        mean.divisor = Double(places.count)
        return mean
    }

    /// The squared distance of every update from this point.
    func squaredDistances<Source: UpdateSource>(
        in pass: TilePass, of source: inout Source
    ) throws(RobustFailure<Source.Failure>) -> [Double] {
        var distances = [Double](repeating: 0, count: weights.count)
        var centre = pass.makeColumns()
        try pass.run(over: &source) { range, tile, source throws(Source.Failure) in
            try write(range, of: tile, weights: weights, from: &source, to: &centre)
            tile.addDistances(from: centre, to: &distances)
        }
        return distances
    }

    /// Gives this point to `sink`, piece by piece. Only updates that it depends on are read.
    func give<Source: UpdateSource>(
        in pass: TilePass, of source: inout Source,
        to sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let places = weights.indices.filter { weights[$0] != 0 }
        let present = places.map { weights[$0] }
        var point = pass.makeColumns()
        try pass.run(over: &source, updates: places) { range, tile, source throws(Source.Failure) in
            try write(range, of: tile, weights: present, from: &source, to: &point)
            try point.give(range, to: sink)
        }
    }

    private func write<Source: UpdateSource>(
        _ range: Range<Int>, of tile: UpdateTile, weights: [Double], from source: inout Source, to point: inout [Double]
    ) throws(Source.Failure) {
        for index in point.indices { point[index] = 0 }
        if previousWeight != 0 {
            try point.fill(range.count) { piece throws(Source.Failure) in try source.readPrevious(range, into: piece) }
            for index in point.indices { point[index] *= previousWeight }
        }
        tile.addRows(scaledBy: weights, to: &point)
        if divisor != 1 {
            for index in point.indices { point[index] /= divisor }
        }
    }
}

extension [Double] {
    /// Gives the first numbers, one for each place of `range`, to a sink.
    func give<Failure: Error>(
        _ range: Range<Int>, to sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Failure) -> Void
    ) throws(Failure) {
        try withUnsafeBufferPointer { numbers throws(Failure) in
            try sink(range, UnsafeBufferPointer(rebasing: numbers[..<range.count]))
        }
    }

    /// Lets `body` write the first numbers.
    fileprivate mutating func fill<Failure: Error>(
        _ count: Int, _ body: (UnsafeMutableBufferPointer<Double>) throws(Failure) -> Void
    ) throws(Failure) {
        try withUnsafeMutableBufferPointer { numbers throws(Failure) in
            try body(UnsafeMutableBufferPointer(rebasing: numbers[..<count]))
        }
    }
}
