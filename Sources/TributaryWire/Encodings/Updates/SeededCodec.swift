import TributaryCore
import TributaryMath

/// Coordinates that a seed chooses. The header is the seed (8 bytes); a block is the values of its chosen coordinates.
///
/// Unless contractive, values are written multiplied by the reciprocal of their chance to be chosen, which makes what is
/// decoded unbiased: readers need not know which it is.
struct SeededCodec: UpdateCodec {
    private let fraction: Double
    private let values: TensorEncoding
    private let isContractive: Bool
    private var selection = SeededSelection(seed: 0)

    init(fraction: Double, values: TensorEncoding, isContractive: Bool) {
        self.fraction = fraction
        self.values = values
        self.isContractive = isContractive
    }

    var headerLength: Int { 8 }

    private func entryCount(of blockCount: Int) -> Int { UpdateEncoding.entryCount(fraction, of: blockCount) }

    func byteCounts(of count: Int) -> ClosedRange<Int> {
        let (whole, rest) = count.quotientAndRemainder(dividingBy: UpdateEncoding.blockLength)
        let entries = whole * entryCount(of: UpdateEncoding.blockLength) + entryCount(of: rest)
        let size = headerLength + entries * values.bytesPerElement
        return size...size
    }

    mutating func readHeader(_ bytes: UnsafeRawBufferPointer) {
        selection = SeededSelection(seed: bytes.number(at: 0))
    }

    func bodyLength(of block: UpdateBlock, prefix: UnsafeRawBufferPointer) -> Int {
        entryCount(of: block.count) * values.bytesPerElement
    }

    func decode(
        _ body: UnsafeRawBufferPointer, of block: UpdateBlock, into values: UnsafeMutableBufferPointer<Float>
    ) throws(UpdateFormatError) {
        let count = entryCount(of: block.count)
        let isFinite = withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count + 1) { places in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { entries in
                self.values.decode(body, into: entries)
                guard entries.allSatisfy(\.isFinite), let base = places.baseAddress else { return false }
                selection.select(count, of: block.count, at: block.range.lowerBound, into: base)
                SparseEntries.scatter(UnsafeBufferPointer(entries), to: base, into: values)
                return true
            }
        }
        guard isFinite else { throw block.error("a value is not a finite number", refusal: .notFinite) }
    }

    func encode(
        _ update: UnsafeBufferPointer<Float>, random: inout RandomStream, to message: inout MessageBytes
    ) throws(UpdateEncodingError) {
        let seed = random.next()
        message.append(seed)
        let selection = SeededSelection(seed: seed)
        var memory = EntryMemory()
        for block in UpdateBlock.all(of: update.count) {
            let numbers = UnsafeBufferPointer(rebasing: update[block.range])
            guard VectorLevel.best.summary(of: numbers).isFinite else { throw .notFinite }
            let count = entryCount(of: block.count)
            selection.select(count, of: block.count, at: block.range.lowerBound, into: &memory.places)
            memory.take(numbers, at: count, times: isContractive ? 1 : Double(block.count) / Double(count))
            guard memory.round(to: values) else { throw .outOfRange }
            memory.write(of: block.count, as: values, withPlaces: false, to: &message)
        }
    }
}
