import Crypto
package import TributaryClient
package import TributaryCore
import TributaryMath
package import TributarySimulation
import TributaryWire

/// An update that is not one, in place of the one that its client worked out.
package struct TamperedUpdate: Sendable, UpdateContent {
    /// What was done to it.
    package let fault: FleetFault
    /// The bytes that are sent.
    package let bytes: [UInt8]
    /// Their digest.
    package let digest: BlobDigest

    package var byteCount: Int { bytes.count }

    /// What is sent in place of `content`; nil for a fate that leaves updates alone.
    package init?(_ fate: Fate, content: any UpdateContent, encoding: TensorEncoding) throws {
        var stream = fate.stream
        let width = encoding.bytesPerElement
        guard content.byteCount >= width else { return nil }
        switch fate.ending {
        case .sendsGarbage where content.byteCount > width && stream.bernoulli(0.5):
            fault = .truncated
            let count = width * (1 + stream.uniform(below: content.byteCount / width - 1))
            bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        case .sendsGarbage:
            fault = .garbage
            var random = (0..<content.byteCount).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
            Self.place(.infinity, at: stream.uniform(below: random.count / width), in: &random, as: encoding)
            bytes = random
        case .sendsNotFinite:
            fault = .notFinite
            var own = [UInt8](repeating: 0, count: content.byteCount)
            try own.withUnsafeMutableBytes { try content.read(at: 0, into: $0) }
            Self.place(.nan, at: stream.uniform(below: own.count / width), in: &own, as: encoding)
            bytes = own
        case .beforeTraining, .duringTraining, .beforeUpload, .stalls, .delivers: return nil
        }
        guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("a SHA-256 of another length than 32 bytes")
        }
        self.digest = digest
    }

    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
    }

    /// A submission that names these bytes instead of the update's.
    func rename(_ submission: [UInt8]) throws -> [UInt8] {
        var message = try ConnectCoding.decode(WireSubmitRequest.self, from: submission, as: .proto)
        guard case .training(var result)? = message.result else { return submission }
        result.update.sha256 = digest.rawValue
        result.update.size = UInt64(bytes.count)
        message.result = .training(result)
        return try ConnectCoding.encode(message, as: .proto)
    }

    private static func place(_ value: Float, at place: Int, in bytes: inout [UInt8], as encoding: TensorEncoding) {
        let width = encoding.bytesPerElement
        bytes.replaceSubrange((place * width)..<((place + 1) * width), with: encoding.encoded([value]))
    }
}
