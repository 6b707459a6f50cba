public import Foundation
import TributaryCore

extension Safetensors {
    /// Reads a file's bytes. Total: any bytes give a value or a `FormatError`, and nothing is allocated before its
    /// size was checked against the bytes that are there.
    public init(decoding bytes: Data) throws(FormatError) {
        let header = try Self.header(of: bytes)
        let tensorBytes = bytes.dropFirst(8 + header.count)
        let (entries, metadata) = try Self.entries(in: header)
        let layout = try Self.layout(of: entries, byteCount: tensorBytes.count)
        self.init(weights: Weights(layout: layout, values: Self.floats(tensorBytes)), metadata: metadata)
    }

    private static func header(of bytes: Data) throws(FormatError) -> Data {
        guard bytes.count >= 8 else { throw FormatError("it has \(bytes.count) bytes, too few for a header length") }
        let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(headerLimit), length <= UInt64(bytes.count - 8) else {
            throw FormatError(
                "its header claims \(length) bytes, but \(bytes.count - 8) follow; it is cut off or not a model file")
        }
        return bytes.dropFirst(8).prefix(Int(length))
    }

    private static func entries(
        in header: Data
    ) throws(FormatError) -> (tensors: [(name: String, header: TensorHeader)], metadata: [String: String]) {
        let decoded: [String: Entry]
        do {
            decoded = try JSONDecoder().decode([String: Entry].self, from: header)
        } catch {
            throw FormatError("its header is not the JSON of a safetensors file")
        }
        var tensors: [(name: String, header: TensorHeader)] = []
        var metadata: [String: String] = [:]
        for (name, entry) in decoded {
            switch entry {
            case .tensor(let tensor): tensors.append((name, tensor))
            case .metadata(let text): metadata = text
            }
        }
        return (tensors, metadata)
    }

    private static func layout(
        of entries: [(name: String, header: TensorHeader)], byteCount: Int
    ) throws(FormatError) -> TensorLayout {
        var end = 0
        var tensors: [(name: String, shape: [Int])] = []
        let inOrder = entries.sorted {
            ($0.header.offsets.first ?? 0, $0.name) < ($1.header.offsets.first ?? 0, $1.name)
        }
        for (name, tensor) in inOrder {
            guard tensor.dtype == "F32" else {
                throw FormatError("tensor '\(name)' holds \(tensor.dtype); only F32 is supported")
            }
            guard let size = elementCount(tensor.shape, limit: byteCount / 4) else {
                throw FormatError("tensor '\(name)' has a shape that its file cannot hold: \(tensor.shape)")
            }
            guard tensor.offsets == [end, end + size * 4] else {
                throw FormatError("tensor '\(name)' lies at \(tensor.offsets), not at [\(end), \(end + size * 4)]")
            }
            end += size * 4
            tensors.append((name, tensor.shape))
        }
        guard end == byteCount else {
            throw FormatError(
                "its tensors take \(end) bytes, but \(byteCount) follow the header; it is cut off or padded")
        }
        return TensorLayout(tensors)
    }

    /// The number of elements of a shape; nil if a dimension is not positive or there are more than `limit`.
    private static func elementCount(_ shape: [Int], limit: Int) -> Int? {
        var count = 1
        for extent in shape {
            guard extent > 0, extent <= limit, count <= limit / extent else { return nil }
            count *= extent
        }
        return count <= limit ? count : nil
    }

    private static func floats(_ bytes: Data) -> [Float] {
        let count = bytes.count / 4
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
            bytes.withUnsafeBytes { source in
                for index in 0..<count {
                    let bits = source.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                    buffer.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: bits)))
                }
            }
            initialised = count
        }
    }

    private enum Entry: Decodable {
        case metadata([String: String])
        case tensor(TensorHeader)

        init(from decoder: any Decoder) throws {
            if decoder.codingPath.last?.stringValue == "__metadata__" {
                self = .metadata(try [String: String](from: decoder))
            } else {
                self = .tensor(try TensorHeader(from: decoder))
            }
        }
    }
}
