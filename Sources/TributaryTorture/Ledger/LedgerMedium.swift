import TributaryCore

/// What the bytes of a simulated ledger stand for.
///
/// On the disk a batch is a frame: its length, its number, filler as long as its rows would be, and a checksum. What the
/// rows say is kept here under the number, beside the disk, so that no time goes into writing them out as text. Whether a
/// batch is there is for the disk alone to say.
final class LedgerMedium {
    private var batches: [UInt64: [LedgerEntry]] = [:]
    private var count: UInt64 = 0

    /// The number under which a batch is kept from now on.
    func number(_ batch: [LedgerEntry]) -> UInt64 {
        count += 1
        batches[count] = batch
        return count
    }

    /// The batch of a number; nil if there is none.
    func batch(_ number: UInt64) -> [LedgerEntry]? { batches[number] }
}

/// One batch as bytes.
///
/// The checksum goes on from that of the frame before: of frames that a failed write left behind, none can be taken for
/// the successor of one that was written over its predecessor. (SQLite's write-ahead log does the same.)
struct LedgerFrame {
    /// Bytes of a frame without its filler: length, number, checksum.
    static let overhead = 4 + 8 + 8
    /// Bytes that stand for a row.
    private static let rowLength = 48

    /// The bytes of a batch with the given number.
    static func bytes(number: UInt64, rowCount: Int, after chain: UInt64) -> (bytes: [UInt8], chain: UInt64) {
        let length = overhead + rowCount * rowLength
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        append(UInt64(length), 4, to: &bytes)
        append(number, 8, to: &bytes)
        for place in 0..<(rowCount * rowLength) { bytes.append(UInt8(truncatingIfNeeded: number &+ UInt64(place))) }
        let next = checksum(bytes[...], after: chain)
        append(next, 8, to: &bytes)
        return (bytes, next)
    }

    /// The frame at the beginning of some bytes; nil if there is no whole one that follows the chain.
    static func read(
        _ bytes: ArraySlice<UInt8>, after chain: UInt64
    ) -> (number: UInt64, length: Int, chain: UInt64)? {
        guard bytes.count >= overhead else { return nil }
        let length = Int(number(bytes.prefix(4)))
        guard length >= overhead, length <= bytes.count else { return nil }
        let frame = bytes.prefix(length)
        let next = checksum(frame.dropLast(8), after: chain)
        guard number(frame.suffix(8)) == next else { return nil }
        return (number(frame.dropFirst(4).prefix(8)), length, next)
    }

    private static func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(place)))) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// FNV-1a (Fowler, Noll, Vo) with the chain before it as its beginning.
    private static func checksum(_ bytes: ArraySlice<UInt8>, after chain: UInt64) -> UInt64 {
        var sum = chain ^ 0xCBF2_9CE4_8422_2325
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return sum
    }
}
