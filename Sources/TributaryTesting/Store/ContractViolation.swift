import Crypto
public import TributaryCore
import TributaryMath
public import TributaryStore

/// A broken promise, in words. Contract checks throw it.
struct ContractViolation: Error {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws if something does not hold.
func hold(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(ContractViolation) {
    if !condition { throw ContractViolation(otherwise()) }
}

/// Throws unless the work fails with the code.
func holdFailure(_ code: StoreError.Code, _ what: String, _ work: () throws -> Void) throws {
    do {
        try work()
    } catch let error as StoreError {
        return try hold(error.code == code, "\(what): threw \(error.code), not \(code)")
    }
    throw ContractViolation("\(what): did not throw \(code)")
}

extension BlobDigest {
    /// The digest of the bytes.
    public init(of bytes: [UInt8]) {
        guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        self = digest
    }
}

/// Bytes for tests of stores.
public enum SampleBytes {
    /// Random bytes that are the same for the same seed.
    public static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var stream = Seed(seed).derived("sample bytes").stream()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: stream.next().littleEndian) { bytes += $0 } }
        return Array(bytes.prefix(count))
    }
}

extension BlobStore {
    /// All bytes of a blob; nil if it is not there.
    public func bytes(of digest: BlobDigest) throws(StoreError) -> [UInt8]? {
        guard let reader = try open(digest) else { return nil }
        return try reader.bytes(0..<reader.byteCount)
    }

    /// Stores the bytes as a blob.
    @discardableResult
    public func store(_ bytes: [UInt8]) throws(StoreError) -> BlobDigest {
        let writer = try makeBlob()
        try writer.append(bytes[...])
        return try writer.finish().digest
    }
}

extension BlobReader {
    /// The bytes at some places.
    public func bytes(_ places: Range<Int>) throws(StoreError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: places.count, alignment: 1)
        defer { buffer.deallocate() }
        try read(at: places.lowerBound, into: buffer)
        return Array(buffer)
    }
}

extension BlobWriter {
    /// Adds bytes.
    public func append(_ bytes: ArraySlice<UInt8>) throws(StoreError) {
        try bytes.withUnsafeBufferPointer { bytes throws(StoreError) in try append(UnsafeRawBufferPointer(bytes)) }
    }
}

extension UploadWriter {
    /// Adds bytes.
    public func append(_ bytes: ArraySlice<UInt8>) throws(StoreError) {
        try bytes.withUnsafeBufferPointer { bytes throws(StoreError) in try append(UnsafeRawBufferPointer(bytes)) }
    }
}
