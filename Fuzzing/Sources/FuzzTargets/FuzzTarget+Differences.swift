import TributaryMath
import TributaryWire

extension FuzzTarget {
    /// Differences of models. The first byte of an input says how many numbers the models have.
    static let differences = [
        FuzzTarget("model-difference", seeds: [0, 1, 60, 255].flatMap { count in [2, 4].map { message(count, $0) } }) {
            bytes in
            guard let first = bytes.first else { return }
            for width in [1, 2, 4, 8] {
                let old = model(Int(first), width, 1)
                guard let new = try? ModelDelta.applied(Array(bytes.dropFirst()), to: old, bytesPerElement: width)
                else { continue }
                precondition(new.count == old.count, "a model of another length than the old one")
            }
        }
    ]

    private static func model(_ count: Int, _ width: Int, _ seed: UInt64) -> [UInt8] {
        var stream = Seed(seed).stream()
        return (0..<count * width).map { _ in UInt8(stream.uniform(below: 4)) }
    }

    private static func message(_ count: Int, _ width: Int) -> [UInt8] {
        let (old, new) = (model(count, width, 1), model(count, width, 2))
        let message = ModelDelta.encoded(
            byteCount: new.count, bytesPerElement: width, smallerThan: .max,
            old: { (offset, space) throws(Never) in space.copyBytes(from: old[offset..<offset + space.count]) },
            new: { (offset, space) throws(Never) in space.copyBytes(from: new[offset..<offset + space.count]) })
        return [UInt8(count)] + (message ?? [])
    }
}
