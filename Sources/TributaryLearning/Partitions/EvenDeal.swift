import Foundation
import TributaryMath

/// Deals that do not look at labels: only sizes matter.
enum EvenDeal {
    /// Shuffled rows, cut into the given sizes.
    static func owners(sizes: [Int], stream: inout RandomStream) -> [UInt32] {
        var owners: [UInt32] = []
        owners.reserveCapacity(sizes.reduce(0, +))
        for (client, size) in sizes.enumerated() { owners += repeatElement(UInt32(client), count: size) }
        stream.shuffle(&owners)
        return owners
    }

    /// Sizes in proportion to rank^−exponent, at least 1 each, ranks in random order.
    static func powerLawSizes(
        _ total: Int, _ clients: Int, _ exponent: Double, stream: inout RandomStream
    ) -> [Int] {
        let weights = (1...clients).map { pow(Double($0), -exponent) }
        var sizes = Apportionment.shares(total - clients, weights: weights).map { $0 + 1 }
        stream.shuffle(&sizes)
        return sizes
    }
}
