public import Foundation
import TributaryCore

extension Safetensors {
    /// The file's bytes.
    public func encoded() throws -> Data {
        var header = try Self.headerJSON(weights.layout, metadata)
        // The tensors begin at a multiple of eight bytes, as the format asks for; padding is blanks.
        header.append(Data(repeating: 0x20, count: (8 - header.count % 8) % 8))
        var bytes = Data(capacity: 8 + header.count + weights.values.count * 4)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(header)
        Self.append(weights.values, to: &bytes)
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
