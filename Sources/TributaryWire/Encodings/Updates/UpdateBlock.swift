import TributaryCore

/// Coordinates that are coded by themselves: 65,536 of an update, or what is left at its end.
struct UpdateBlock: Hashable, Sendable {
    /// Which of the update's.
    let range: Range<Int>

    /// How many.
    var count: Int { range.count }

    /// The block that begins at a coordinate of an update.
    init(at start: Int, of count: Int) {
        range = start..<min(start + UpdateEncoding.blockLength, count)
    }

    /// All blocks of an update.
    static func all(of count: Int) -> some Sequence<UpdateBlock> {
        stride(from: 0, to: count, by: UpdateEncoding.blockLength).lazy.map { UpdateBlock(at: $0, of: count) }
    }

    /// The block's buckets, as places in it.
    func buckets(of length: Int) -> some Sequence<Range<Int>> {
        let count = count
        return stride(from: 0, to: count, by: length).lazy.map { $0..<min($0 + length, count) }
    }

    /// What is wrong in this block.
    func error(_ why: String, refusal: UpdateRefusal = .malformed) -> UpdateFormatError {
        UpdateFormatError(refusal, "the block of coordinates \(range.lowerBound) to \(range.upperBound - 1): \(why)")
    }
}
