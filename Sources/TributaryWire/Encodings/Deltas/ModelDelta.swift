import TributaryCore
import TributaryGzip

/// The difference of two models of the same length, without loss: who has the one gets the other by it, bit for bit.
///
/// A step changes most numbers a little: their signs, exponents and first digits stay, the last ones become noise. So the
/// bytes of the two are combined by exclusive or, which turns what stayed into zeros, and the result is taken apart into
/// planes (the lowest bytes of all numbers, then the next, up to the highest), so that zeros stand beside zeros. Each plane
/// is deflated, or written as it is where that is not shorter. Nothing depends on what the numbers are: NaN and −0 are
/// bytes like any others.
///
/// | bytes | |
/// | --- | --- |
/// | 4 | `trd1` |
/// | 4 | w, the bytes of a number: 1, 2, 4 or 8 |
/// | 8 | the bytes of either model, a multiple of w |
///
/// Then, for every block of 65536 numbers (the last may have fewer) and each of its w planes, the lowest bytes first: 4 bytes
/// with a length, and so many bytes. 0 is a plane of zeros, the number of the block's numbers is the plane as it is, and
/// anything between is deflate (RFC 1951). All lengths are little-endian.
public enum ModelDelta {
    /// The first bytes.
    static let magic: [UInt8] = Array("trd1".utf8)
    /// Bytes before the first block.
    static let headerByteCount = 16
    /// Numbers in a block: all that is in memory at once beside the message.
    static let blockLength = 1 << 16

    /// Fills a buffer with the bytes of a model from an offset on.
    public typealias Reading<Failure: Error> = (Int, UnsafeMutableRawBufferPointer) throws(Failure) -> Void

    /// Whether models of so many bytes can be taken apart into numbers of so many.
    static func allows(byteCount: Int, bytesPerElement: Int) -> Bool {
        [1, 2, 4, 8].contains(bytesPerElement) && byteCount >= 0 && byteCount.isMultiple(of: bytesPerElement)
    }

    /// The difference between two models that are read block by block; nil if it would take `limit` bytes or more.
    ///
    /// - Parameters:
    ///   - byteCount: the length of either model, a multiple of `bytesPerElement`.
    ///   - bytesPerElement: the bytes of a number: 1, 2, 4 or 8.
    ///   - limit: the length from which on a difference is of no use, usually the model's own.
    ///   - old: reads the model that the receiver has.
    ///   - new: reads the model that it is to get.
    public static func encoded<Failure: Error>(
        byteCount: Int, bytesPerElement: Int, smallerThan limit: Int, old: Reading<Failure>, new: Reading<Failure>
    ) throws(Failure) -> [UInt8]? {
        precondition(allows(byteCount: byteCount, bytesPerElement: bytesPerElement), "no whole number of elements")
        var message = magic
        message.append(littleEndian: UInt32(bytesPerElement))
        message.append(littleEndian: UInt64(byteCount))
        var (was, now, planes): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        var offset = 0
        while offset < byteCount, message.count < limit {
            let count = min(blockLength * bytesPerElement, byteCount - offset)
            if was.count != count {
                was = [UInt8](repeating: 0, count: count)
                (now, planes) = (was, was)
            }
            try read(offset, &was, by: old)
            try read(offset, &now, by: new)
            separate(was, now, into: &planes, width: bytesPerElement)
            appendPlanes(planes, width: bytesPerElement, to: &message)
            offset += count
        }
        return message.count < limit ? message : nil
    }

    /// The difference between two models in memory; nil if they differ in length or it would not be shorter than they are.
    public static func encoded(from old: [Float], to new: [Float]) -> [UInt8]? {
        guard old.count == new.count else { return nil }
        let width = MemoryLayout<Float>.size
        let (old, new) = (TensorBytes(old, encoding: .float32), TensorBytes(new, encoding: .float32))
        return encoded(
            byteCount: new.count, bytesPerElement: width, smallerThan: new.count,
            old: { offset, space in old.write(offset..<offset + space.count, into: space) },
            new: { offset, space in new.write(offset..<offset + space.count, into: space) })
    }

    private static func read<Failure: Error>(
        _ offset: Int, _ bytes: inout [UInt8], by reading: Reading<Failure>
    ) throws(Failure) {
        // Typed throws do not pass through `withUnsafeMutableBytes` here, so the outcome is carried out by hand.
        let failure = bytes.withUnsafeMutableBytes { space -> Failure? in
            do throws(Failure) {
                try reading(offset, space)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private static func separate(_ was: [UInt8], _ now: [UInt8], into planes: inout [UInt8], width: Int) {
        let count = was.count / width
        was.withUnsafeBytes { was in
            now.withUnsafeBytes { now in
                planes.withUnsafeMutableBytes { planes in
                    for plane in 0..<width {
                        for index in 0..<count {
                            let place = index &* width &+ plane
                            planes[plane &* count &+ index] = was[place] ^ now[place]
                        }
                    }
                }
            }
        }
    }

    private static func appendPlanes(_ planes: [UInt8], width: Int, to message: inout [UInt8]) {
        let count = planes.count / width
        planes.withUnsafeBytes { planes in
            for plane in 0..<width {
                let bytes = UnsafeRawBufferPointer(rebasing: planes[plane * count..<(plane + 1) * count])
                guard bytes.contains(where: { $0 != 0 }) else {
                    message.append(littleEndian: UInt32(0))
                    continue
                }
                let packed = Deflate.pack(bytes, smallerThan: count)
                message.append(littleEndian: UInt32(packed?.count ?? count))
                if let packed { message += packed } else { message.append(contentsOf: bytes) }
            }
        }
    }
}

/// Why bytes are not the difference that was expected.
public struct ModelDeltaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
