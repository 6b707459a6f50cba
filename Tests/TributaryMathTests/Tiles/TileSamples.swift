import TributaryMath

/// Numbers of the kinds that could make kernels disagree.
enum NumberKind: CaseIterable {
    /// Normal deviates of very different sizes.
    case spread
    /// A handful of values, so that most are equal to another.
    case tied
    /// Zeros of both signs among small numbers of both signs.
    case signedZeros
    /// The largest and the smallest there are.
    case extreme

    func number(_ stream: inout RandomStream) -> Float {
        switch self {
        case .spread: return Float(stream.normal() * stream.logNormal(mu: 0, sigma: 4))
        case .tied: return Float(stream.uniform(below: 5) - 2)
        case .signedZeros: return [0, -0.0, 1e-30, -1e-30, 0, -0.0][stream.uniform(below: 6)]
        case .extreme:
            let extremes: [Float] = [
                .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1,
                1e30, -1e30,
            ]
            return extremes[stream.uniform(below: extremes.count)]
        }
    }
}

/// Rows of numbers, and the columns that an oracle looks at.
struct TileSample {
    var rows: [[Float]]

    init(rows: Int, width: Int, kind: NumberKind, seed: Seed) {
        var stream = seed.derived("tile", UInt64(rows), UInt64(width)).stream()
        self.rows = (0..<rows).map { _ in (0..<width).map { _ in kind.number(&stream) } }
    }

    var width: Int { rows.first?.count ?? 0 }

    func column(_ index: Int) -> [Float] { rows.map { $0[index] } }

    /// A tile of these rows, or of a range of their columns, in memory that held other numbers before.
    func tile(_ range: Range<Int>? = nil, capacity: Int? = nil, on instructions: InstructionSet) -> UpdateTile {
        let range = range ?? 0..<width
        let capacity = capacity ?? range.count
        let tile = UpdateTile(rows: rows.count, width: capacity, instructions: instructions)
        tile.begin(rows: rows.count, width: capacity)
        for index in rows.indices { tile.row(index).update(repeating: 77) }
        tile.begin(rows: rows.count, width: range.count)
        for (index, row) in rows.enumerated() { _ = tile.row(index).update(fromContentsOf: row[range]) }
        return tile
    }
}

/// What all instruction sets of this processor give, if they agree to the bit; nil if they do not.
func agreed<Result>(_ work: (InstructionSet) -> Result, _ isSame: (Result, Result) -> Bool) -> Result? {
    let results = InstructionSet.supported.map(work)
    return results.dropFirst().allSatisfy { isSame($0, results[0]) } ? results[0] : nil
}

func agreed(_ work: (InstructionSet) -> [Double]) -> [Double]? {
    agreed(work) { $0.map(\.bitPattern) == $1.map(\.bitPattern) }
}

func agreed(_ work: (InstructionSet) -> [Float]) -> [Float]? {
    agreed(work) { $0.map(\.bitPattern) == $1.map(\.bitPattern) }
}

extension [Double] {
    init(room width: Int) {
        self.init(repeating: 0, count: UpdateTile.padded(width))
    }
}
