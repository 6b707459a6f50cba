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
    /// What they are said to be, if not what the update is: plain numbers.
    private let plain: TensorEncoding?

    package var byteCount: Int { bytes.count }

    /// What is sent in place of `content`; nil for a fate that leaves updates alone.
    package init?(_ fate: Fate, content: any UpdateContent, for task: TaskDescription) throws {
        var stream = fate.stream
        let made =
            task.compression == nil
            ? try Self.numbers(fate.ending, content, task.updateEncoding, &stream)
            : try Self.compressed(fate.ending, content, task, &stream)
        guard let made else { return nil }
        self = made
    }

    private init(_ fault: FleetFault, _ bytes: [UInt8], as plain: TensorEncoding? = nil) {
        guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("a SHA-256 of another length than 32 bytes")
        }
        (self.fault, self.bytes, self.digest, self.plain) = (fault, bytes, digest, plain)
    }

    private static func numbers(
        _ ending: Fate.Ending, _ content: any UpdateContent, _ encoding: TensorEncoding, _ stream: inout RandomStream
    ) throws -> TamperedUpdate? {
        let width = encoding.bytesPerElement
        guard content.byteCount >= width else { return nil }
        switch ending {
        case .sendsGarbage where content.byteCount > width && stream.bernoulli(0.5):
            let count = width * (1 + stream.uniform(below: content.byteCount / width - 1))
            return TamperedUpdate(.truncated, (0..<count).map { _ in UInt8(truncatingIfNeeded: stream.next()) })
        case .sendsGarbage:
            var random = (0..<content.byteCount).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
            place(.infinity, at: stream.uniform(below: random.count / width), in: &random, as: encoding)
            return TamperedUpdate(.garbage, random)
        case .sendsNotFinite:
            var own = [UInt8](repeating: 0, count: content.byteCount)
            try own.withUnsafeMutableBytes { try content.read(at: 0, into: $0) }
            place(.nan, at: stream.uniform(below: own.count / width), in: &own, as: encoding)
            return TamperedUpdate(.notFinite, own)
        case .beforeTraining, .duringTraining, .beforeUpload, .stalls, .delivers: return nil
        }
    }

    /// Nothing in a compressed update is sure to be no number: plain ones go in its place, one of which is none. Half of it is
    /// sure to be no update.
    private static func compressed(
        _ ending: Fate.Ending, _ content: any UpdateContent, _ task: TaskDescription, _ stream: inout RandomStream
    ) throws -> TamperedUpdate? {
        switch ending {
        case .sendsGarbage:
            guard content.byteCount > 1 else { return nil }
            var half = [UInt8](repeating: 0, count: content.byteCount / 2)
            try half.withUnsafeMutableBytes { try content.read(at: 0, into: $0) }
            return TamperedUpdate(.truncated, half)
        case .sendsNotFinite:
            let (encoding, count) = (task.updateEncoding, task.layout.count)
            var numbers = [UInt8](repeating: 0, count: count * encoding.bytesPerElement)
            place(.nan, at: stream.uniform(below: count), in: &numbers, as: encoding)
            return TamperedUpdate(.notFinite, numbers, as: encoding)
        case .beforeTraining, .duringTraining, .beforeUpload, .stalls, .delivers: return nil
        }
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
        if let plain {
            result.update.encoding = WireEncoding(plain)
            result.compression = ""
        }
        message.result = .training(result)
        return try ConnectCoding.encode(message, as: .proto)
    }

    private static func place(_ value: Float, at place: Int, in bytes: inout [UInt8], as encoding: TensorEncoding) {
        let width = encoding.bytesPerElement
        bytes.replaceSubrange((place * width)..<((place + 1) * width), with: encoding.encoded([value]))
    }
}
