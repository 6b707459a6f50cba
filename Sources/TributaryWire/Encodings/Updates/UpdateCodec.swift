import TributaryCore
import TributaryMath

/// How one kind of encoding is written and read: a header, then block after block a prefix and a body.
///
/// Header and prefix have fixed lengths; a body's length follows from the prefix. Decoding must be total: bodies are
/// bounded by ``bodyLimit`` before anything is read, and every byte is checked.
protocol UpdateCodec: Sendable {
    /// The bytes before the first block.
    var headerLength: Int { get }
    /// The bytes of a block that say how long the rest is.
    var prefixLength: Int { get }

    /// The least and the most bytes that so many coordinates take.
    func byteCounts(of count: Int) -> ClosedRange<Int>

    /// Takes the header.
    mutating func readHeader(_ bytes: UnsafeRawBufferPointer)

    /// Takes a block's prefix and tells the length of its body. Blocks come in order.
    mutating func bodyLength(
        of block: UpdateBlock, prefix: UnsafeRawBufferPointer
    ) throws(UpdateFormatError) -> Int

    /// Reads the body of the block whose prefix was taken last. `values` has the block's length.
    func decode(
        _ body: UnsafeRawBufferPointer, of block: UpdateBlock, into values: UnsafeMutableBufferPointer<Float>
    ) throws(UpdateFormatError)

    /// Writes a whole message.
    func encode(
        _ update: UnsafeBufferPointer<Float>, random: inout RandomStream, to message: inout MessageBytes
    ) throws(UpdateEncodingError)
}

extension UpdateCodec {
    var headerLength: Int { 0 }
    var prefixLength: Int { 0 }
    func readHeader(_ bytes: UnsafeRawBufferPointer) {}
}

extension UpdateEncoding {
    /// How it is written and read, for an update of so many coordinates.
    func codec(count: Int) -> any UpdateCodec {
        switch kind {
        case .plain(let values): PlainCodec(values: values)
        case .klevel(let levels, let isRotated, let bucket):
            BucketCodec(LevelQuantiser(levelCount: levels), isRotated: isRotated, bucket: bucket)
        case .qsgd(let bits, false, let bucket):
            BucketCodec(NormQuantiser(bits: bits), isRotated: false, bucket: bucket)
        case .qsgd(let bits, true, let bucket): EliasCodec(NormQuantiser(bits: bits), bucket: bucket)
        case .topk(let fraction, let values): TopCodec(fraction: fraction, values: values, count: count)
        case .randk(let fraction, let values, let isContractive):
            SeededCodec(fraction: fraction, values: values, isContractive: isContractive)
        case .drive(let isContractive, let bucket):
            BucketCodec(CentroidQuantiser.drive(isContractive: isContractive), isRotated: true, bucket: bucket)
        case .eden(let bits, let isContractive, let bucket):
            BucketCodec(
                CentroidQuantiser.eden(bits: bits, isContractive: isContractive), isRotated: true, bucket: bucket)
        }
    }
}
