import TributaryCore
import TributaryMath

/// The largest coordinates. A block is the number of its entries (4 bytes), their places, and their values.
///
/// Entries are not zero, so there are at most as many as the share of the coordinates comes to.
struct TopCodec: UpdateCodec {
    private let values: TensorEncoding
    private let entryLimit: Int
    /// The entries of blocks so far, and of the block that was begun last.
    private var entryCount = 0
    private var blockEntryCount = 0

    init(fraction: Double, values: TensorEncoding, count: Int) {
        self.values = values
        entryLimit = UpdateEncoding.entryCount(fraction, of: count)
    }

    var prefixLength: Int { 4 }

    func byteCounts(of count: Int) -> ClosedRange<Int> {
        let length = UpdateEncoding.blockLength
        let prefixes = 4 * ((count + length - 1) / length)
        // No more than a list takes everywhere, nor than bitmaps do.
        let places = min(2 * entryLimit, (count + 7) / 8)
        return prefixes...prefixes + places + entryLimit * values.bytesPerElement
    }

    mutating func bodyLength(
        of block: UpdateBlock, prefix: UnsafeRawBufferPointer
    ) throws(UpdateFormatError) -> Int {
        let count: UInt32 = prefix.number(at: 0)
        guard count <= block.count, Int(count) <= entryLimit - entryCount else {
            throw block.error("\(count) entries; \(min(block.count, entryLimit - entryCount)) are left for it")
        }
        blockEntryCount = Int(count)
        entryCount += blockEntryCount
        return SparsePlaces.byteCount(entryCount: blockEntryCount, of: block.count)
            + blockEntryCount * values.bytesPerElement
    }

    func decode(
        _ body: UnsafeRawBufferPointer, of block: UpdateBlock, into values: UnsafeMutableBufferPointer<Float>
    ) throws(UpdateFormatError) {
        let count = blockEntryCount
        let form = SparsePlaces(entryCount: count, of: block.count)
        let split = SparsePlaces.byteCount(entryCount: count, of: block.count)
        let error = withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count + 1) { places in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count + 1) { entries -> UpdateFormatError? in
                let (places, entries) = (places.prefixBuffer(count), entries.prefixBuffer(count))
                guard SparseEntries.readPlaces(body.part(0..<split), as: form, of: block.count, into: places) else {
                    return block.error("its entries' places do not ascend within it, or are not as many as it says")
                }
                self.values.decode(body.part(split..<body.count), into: entries)
                guard entries.allSatisfy(\.isFinite) else {
                    return block.error("an entry is not a finite number", refusal: .notFinite)
                }
                guard entries.allSatisfy({ $0 != 0 }) else { return block.error("an entry is zero") }
                guard let base = places.baseAddress else { return nil }
                SparseEntries.scatter(UnsafeBufferPointer(entries), to: base, into: values)
                return nil
            }
        }
        if let error { throw error }
    }

    func encode(
        _ update: UnsafeBufferPointer<Float>, random: inout RandomStream, to message: inout MessageBytes
    ) throws(UpdateEncodingError) {
        guard var selection = TopSelection(entryLimit, of: update) else { throw .notFinite }
        var memory = EntryMemory()
        for block in UpdateBlock.all(of: update.count) {
            let numbers = UnsafeBufferPointer(rebasing: update[block.range])
            memory.take(numbers, at: selection.select(in: numbers, into: &memory.places))
            guard memory.round(to: values) else { throw .outOfRange }
            memory.dropZeros()
            message.append(UInt32(memory.values.count))
            memory.write(of: block.count, as: values, withPlaces: true, to: &message)
        }
    }
}
