import Foundation
import TributaryMath
import TributaryStore

extension DiskState {
    mutating func read(
        _ number: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        let file = try file(number)
        if hits(faults.read, .read) { throw FileError(EIO) }
        let count = min(buffer.count, max(0, file.content.count - offset))
        guard count > 0 else { return 0 }
        let path = openFiles[Int(number)]?.path ?? ""
        if faults.rot > 0, isRotting(path), hits(faults.rot, .rot) {
            file.rot(bit: 8 * offset + stream.uniform(below: 8 * count))
            rottenPaths.insert(path)
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        file.content.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[offset..<offset + count])) }
        if faults.misread > 0, isRotting(path), hits(faults.misread, .misread) {
            let bit = stream.uniform(below: 8 * count)
            target[bit / 8] ^= 1 << UInt8(bit % 8)
            file.misread()
            rottenPaths.insert(path)
        }
        return count
    }

    mutating func write(
        _ bytes: UnsafeRawBufferPointer, to number: Int32, at offset: Int
    ) throws(FileError) -> Int {
        let file = try file(number)
        if bytes.isEmpty { return 0 }
        if hits(faults.write, .write) { throw FileError(stream.bernoulli(0.5) ? ENOSPC : EIO) }
        var count = bytes.count
        if count > 1, hits(faults.shortWrite, .shortWrite) { count = 1 + stream.uniform(below: count - 1) }
        let growth = max(0, offset + count - file.content.count)
        let lack = growth - room(for: growth)
        if lack > 0 {
            counts[.full] += 1
            count -= lack
            if count <= 0 { throw FileError(ENOSPC) }
        }
        change(file, .write(Array(bytes[..<count]), at: offset))
        return count
    }

    /// The process ends in the middle of a write.
    mutating func tear(_ bytes: UnsafeRawBufferPointer, to number: Int32, at offset: Int) {
        guard let file = try? file(number) else { return }
        let count = stream.uniform(below: bytes.count + 1)
        let growth = max(0, offset + count - file.content.count)
        guard count > 0, room(for: growth) == growth else { return }
        change(file, .write(Array(bytes[..<count]), at: offset))
    }

    mutating func truncate(_ number: Int32, to byteCount: Int) throws(FileError) {
        let file = try file(number)
        if hits(faults.write, .write) { throw FileError(EIO) }
        change(file, .truncate(to: byteCount))
    }

    mutating func synchronise(_ number: Int32) throws(FileError) {
        let open = try open(number)
        let isSlow = hits(faults.slowSynchronise, .slowSynchronise)
        delay += isSlow ? faults.slowSynchroniseTime : faults.synchroniseTime
        if hits(faults.synchronise, .synchronise) {
            // What a folder could not bring to disk it tries again: a system whose names were refused by the disk stops.
            if case .file(let file) = open.node, file.isPending, hits(faults.forgetting, .forgetting) {
                file.forget(&stream)
            }
            throw FileError(stream.bernoulli(0.25) ? ENOSPC : EIO)
        }
        counts.synchronisations += 1
        switch open.node {
        case .file(let file): file.settle()
        case .folder(let folder): folder.settle()
        }
    }
}
