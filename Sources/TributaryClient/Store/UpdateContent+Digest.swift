import Crypto
import TributaryCore

extension UpdateContent {
    /// The digest of all bytes, each piece of which is passed on as it is read.
    func digest(_ pass: (UnsafeRawBufferPointer) throws -> Void = { _ in }) throws -> BlobDigest {
        var hash = SHA256()
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        var offset = 0
        while offset < byteCount {
            let count = min(piece.count, byteCount - offset)
            try piece.withUnsafeMutableBytes {
                let part = UnsafeMutableRawBufferPointer(rebasing: $0[..<count])
                try read(at: offset, into: part)
                hash.update(bufferPointer: UnsafeRawBufferPointer(part))
                try pass(UnsafeRawBufferPointer(part))
            }
            offset += count
        }
        guard let digest = BlobDigest(bytes: hash.finalize().map { $0 }) else {
            preconditionFailure("a SHA-256 of another length than 32 bytes")
        }
        return digest
    }
}
