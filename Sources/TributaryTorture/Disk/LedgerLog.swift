/// The form of a simulated ledger's file: one record after another, each a change that was written, and waited for, at
/// once: a group of batches, or rows that were forgotten.
///
/// A record is whole or it is nothing: its checksum covers its number and all its bytes. Its rows are not spelt out. It
/// names the change by its place in a ``LedgerArchive`` and is as long as its rows might be.
enum LedgerLog {
    /// A record that was read.
    struct Record {
        /// Its place in the log.
        var number: Int
        /// Its change's place in the archive.
        var change: Int
    }

    /// What is readable from the beginning on.
    struct Reading {
        var records: [Record] = []
        /// Where the last readable record ends.
        var byteCount = 0
        /// Whether something readable comes after something that is not: a crash tears only the last record, because
        /// none is begun before the one before it was waited for.
        var isDamaged = false
    }

    private static let mark: UInt64 = 0x7269_7665_725F_6C6F
    /// Mark, number, change, length of the filler, checksum.
    private static let headCount = 5
    private static let headByteCount = 8 * headCount
    /// About what a row takes in a database.
    private static let rowByteCount = 120

    static func encode(_ record: Record, rowCount: Int) -> [UInt8] {
        let filler = rowCount * rowByteCount
        let head = [mark] + [record.number, record.change, filler].map { UInt64($0) }
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: record.number), count: headByteCount + filler)
        for (place, word) in head.enumerated() { store(word, at: place, in: &bytes) }
        store(checksum(of: bytes[...]), at: headCount - 1, in: &bytes)
        return bytes
    }

    /// Reads a log as far as it can be read.
    static func read(_ bytes: [UInt8]) -> Reading {
        var reading = Reading()
        while let record = record(at: reading.byteCount, in: bytes, number: reading.records.count) {
            reading.records.append(record.record)
            reading.byteCount = record.end
        }
        let rest = reading.byteCount + 1
        if rest < bytes.count {
            reading.isDamaged = (rest..<bytes.count).contains { record(at: $0, in: bytes, number: nil) != nil }
        }
        return reading
    }

    /// The record at a place; nil if there is none, or another than the one of the number.
    private static func record(at start: Int, in bytes: [UInt8], number: Int?) -> (record: Record, end: Int)? {
        guard bytes.count - start >= headByteCount, word(0, at: start, in: bytes) == mark else { return nil }
        let found = word(1, at: start, in: bytes)
        if let number, found != UInt64(number) { return nil }
        let (change, filler) = (word(2, at: start, in: bytes), word(3, at: start, in: bytes))
        guard filler <= UInt64(bytes.count - start - headByteCount) else { return nil }
        let end = start + headByteCount + Int(filler)
        guard word(headCount - 1, at: start, in: bytes) == checksum(of: bytes[start..<end]) else { return nil }
        return (Record(number: Int(found), change: Int(change)), end)
    }

    private static func word(_ place: Int, at start: Int, in bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 8 * place, as: UInt64.self))
        }
    }

    private static func store(_ word: UInt64, at place: Int, in bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: word.littleEndian, toByteOffset: 8 * place, as: UInt64.self) }
    }

    /// Over all of a record but the checksum itself, which counts as zero. Eight bytes at a time: records are long and
    /// read at every start.
    private static func checksum(of record: ArraySlice<UInt8>) -> UInt64 {
        record.withUnsafeBytes { bytes in
            var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
            for place in 0..<bytes.count / 8 where place != headCount - 1 {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self))
                sum = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
                sum ^= sum &>> 32
            }
            return sum
        }
    }
}
