public import Foundation
package import TributaryCore

extension Safetensors {
    /// The file's bytes.
    public func encoded() throws -> Data {
        var bytes = try Self.preamble(of: weights.layout, metadata: metadata)
        bytes.reserveCapacity(bytes.count + weights.values.count * 4)
        Self.append(weights.values, to: &bytes)
        return bytes
    }

    /// What stands before the tensors' bytes: the header with its length. For writers that do not hold the tensors in
    /// memory; the bytes that are to follow are those of the layout's flat vector, little-endian.
    package static func preamble(of layout: TensorLayout, metadata: [String: String]) throws -> Data {
        var header = try headerJSON(layout, metadata)
        // The tensors begin at a multiple of eight bytes, as the format asks for; padding is blanks.
        header.append(Data(repeating: 0x20, count: (8 - header.count % 8) % 8))
        var bytes = Data(capacity: 8 + header.count)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(header)
        return bytes
    }

    private static func headerJSON(_ layout: TensorLayout, _ metadata: [String: String]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var entries: [String: HeaderEntry] = [:]
        if !metadata.isEmpty { entries["__metadata__"] = .metadata(metadata) }
        for tensor in layout.tensors {
            let offsets = [tensor.range.lowerBound * 4, tensor.range.upperBound * 4]
            entries[tensor.name] = .tensor(TensorHeader(dtype: "F32", shape: tensor.shape, offsets: offsets))
        }
        return try encoder.encode(entries)
    }

    private static func append(_ values: [Float], to bytes: inout Data) {
        #if _endian(little)
            values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        #else
            for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
        #endif
    }

    private enum HeaderEntry: Encodable {
        case metadata([String: String])
        case tensor(TensorHeader)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .metadata(let metadata): try metadata.encode(to: encoder)
            case .tensor(let tensor): try tensor.encode(to: encoder)
            }
        }
    }
}
