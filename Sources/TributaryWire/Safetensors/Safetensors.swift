import Foundation
public import TributaryCore

/// Model files in the safetensors format: tensors by name, raw little-endian Float32, and free text metadata.
///
/// The format (huggingface/safetensors, version 0.4): eight bytes of header length, a JSON header, then the tensors'
/// bytes without gaps. Any tool that reads it reads our models. The same weights and metadata give the same bytes.
public struct Safetensors: Hashable, Sendable {
    /// The tensors.
    public var weights: Weights
    /// Free text by key.
    public var metadata: [String: String]

    /// A file's content.
    public init(weights: Weights, metadata: [String: String] = [:]) {
        self.weights = weights
        self.metadata = metadata
    }

    /// Why bytes are not a model file we can read.
    public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, in one line without the file's name.
        public var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// The longest header that is read.
    public static let headerLimit = 16 << 20

    struct TensorHeader: Codable {
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }
}
