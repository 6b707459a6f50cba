import Crypto
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryWire

extension UpdateChecker {
    /// Reads a compressed update block by block and stores its numbers, if all of them are sound.
    func decode(
        _ blob: any BlobReader, _ check: UpdateCheck, _ hash: inout SHA256
    ) throws(StoreError) -> UpdateVerdict {
        guard
            let decoder = try? UpdateDecoder(
                check.blob.encoding, count: check.parameterCount, byteCount: check.blob.byteCount)
        else { return .refused(.wrongSize) }
        let writer = try store.makeBlob()
        var pass = DecodingPass(blob, decoder)
        var scan = TermScan(bound: check.bound)
        var still = StillScan(check.still)
        while let piece = try pass.next(&hash) {
            scan.see(UnsafeBufferPointer(piece))
            still.see(UnsafeBufferPointer(piece))
            try writer.append(piece)
        }
        let refusal =
            pass.refusal ?? scan.refusal.map { UpdateRefusal($0) } ?? (still.hasMoved ? .outOfBound : nil)
        // What is refused is so for what it is, and not for what was read of it: all of it is compared with its digest.
        try pass.readRest(&hash)
        guard refusal == nil, BlobDigest(bytes: Array(hash.finalize())) == check.blob.digest else {
            writer.cancel()
            return .refused(refusal ?? .malformed)
        }
        let (digest, byteCount) = try writer.finish()
        let numbers = TensorBlob(digest: digest, byteCount: byteCount, encoding: .float32)
        return .decoded(DecodedUpdate(numbers: numbers, norm: scan.norm))
    }
}

/// One pass over a compressed update, in memory for a block of it.
private struct DecodingPass {
    private let blob: any BlobReader
    private var decoder: UpdateDecoder
    private let memory: ByteMemory
    private let tile: TensorTile
    /// Where the bytes that were not read yet begin.
    private var position = 0
    /// Why the update cannot be read any further; nil if it can.
    private(set) var refusal: UpdateRefusal?

    init(_ blob: any BlobReader, _ decoder: UpdateDecoder) {
        (self.blob, self.decoder) = (blob, decoder)
        memory = ByteMemory(count: min(UpdateDecoder.wantedByteLimit, decoder.byteCount))
        tile = TensorTile(capacity: min(UpdateDecoder.blockLength, decoder.count))
    }

    /// The next block's numbers; nil at the end, or where the update is not what it should be.
    mutating func next(_ hash: inout SHA256) throws(StoreError) -> UnsafeMutableBufferPointer<Float>? {
        let values = tile.prefix(min(UpdateDecoder.blockLength, decoder.count))
        while refusal == nil, let wanted = decoder.wantedByteCount {
            let bytes = try read(wanted, &hash)
            do throws(UpdateFormatError) {
                if let range = try decoder.take(bytes, into: values) { return tile.prefix(range.count) }
            } catch {
                refusal = error.refusal
            }
        }
        return nil
    }

    /// Reads what is left.
    mutating func readRest(_ hash: inout SHA256) throws(StoreError) {
        while position < decoder.byteCount {
            _ = try read(min(memory.bytes.count, decoder.byteCount - position), &hash)
        }
    }

    private mutating func read(_ count: Int, _ hash: inout SHA256) throws(StoreError) -> UnsafeRawBufferPointer {
        let part = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count])
        try blob.read(at: position, into: part)
        position += count
        let bytes = UnsafeRawBufferPointer(part)
        hash.update(bufferPointer: bytes)
        return bytes
    }
}

private final class ByteMemory {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { bytes = .allocate(byteCount: count, alignment: 16) }

    deinit { bytes.deallocate() }
}
