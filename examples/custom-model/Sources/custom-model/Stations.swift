import TributaryLearning
import TributaryMath

/// What weather stations measured: two numbers a day, and whether a storm came.
enum Stations {
    /// Days of `stations` stations. Each sees another part of the plane, so no station alone sees the whole ring.
    static func dataset(stations: Int, daysEach: Int, seed: Seed) -> Dataset {
        var owners: [UInt32] = []
        var train = Table()
        for station in 0..<stations {
            var stream = seed.derived("station", UInt64(station)).stream()
            let center = (x: 2 * stream.uniform() - 1, y: 2 * stream.uniform() - 1)
            for _ in 0..<daysEach {
                train.add(x: center.x + 0.5 * stream.normal(), y: center.y + 0.5 * stream.normal())
                owners.append(UInt32(station))
            }
        }
        var test = Table()
        var stream = seed.derived("test").stream()
        for _ in 0..<2000 { test.add(x: 4 * stream.uniform() - 2, y: 4 * stream.uniform() - 2) }
        return Dataset(
            name: "stations", train: train.examples, test: test.examples,
            naturalClients: .init(names: (0..<stations).map { "station \($0)" }, owners: owners),
            classNames: ["calm", "storm"])
    }

    private struct Table {
        var features: [Float] = []
        var labels: [UInt16] = []

        /// A storm comes inside the unit circle.
        mutating func add(x: Double, y: Double) {
            features += [Float(x), Float(y)]
            labels.append(x * x + y * y < 1 ? 1 : 0)
        }

        var examples: Examples {
            Examples(features: .numbers(features), labels: .classes(labels, classCount: 2), shape: [2])
        }
    }
}
