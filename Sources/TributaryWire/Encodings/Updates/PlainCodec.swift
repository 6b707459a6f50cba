import TributaryCore
import TributaryMath

/// Numbers as they are, or rounded to the nearest of a shorter format. What is not finite stays so, for the reader to refuse.
struct PlainCodec: UpdateCodec {
    let values: TensorEncoding

    func byteCounts(of count: Int) -> ClosedRange<Int> {
        let size = count * values.bytesPerElement
        return size...size
    }

    func bodyLength(of block: UpdateBlock, prefix: UnsafeRawBufferPointer) -> Int {
        block.count * values.bytesPerElement
    }

    func decode(
        _ body: UnsafeRawBufferPointer, of block: UpdateBlock, into values: UnsafeMutableBufferPointer<Float>
    ) {
        self.values.decode(body, into: values)
    }

    func encode(
        _ update: UnsafeBufferPointer<Float>, random: inout RandomStream, to message: inout MessageBytes
    ) {
        message.append(zeros: update.count * values.bytesPerElement) { values.encode(update, into: $0) }
    }
}
