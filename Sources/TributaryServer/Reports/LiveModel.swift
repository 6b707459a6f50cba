import Crypto
import Foundation
package import TributaryCore
import TributaryReports
package import TributaryStore
import TributaryWire

/// A global model in the blob store, and what a model file says of it.
package struct LiveModel: Sendable {
    private let store: any BlobStore
    /// The model (float32).
    package var blob: TensorBlob
    /// Its tensors.
    package var layout: TensorLayout
    /// The model as the plan names it.
    package var name: String
    /// The data set, as reports call it.
    package var dataset: String
    /// The round it is from.
    package var round: RoundNumber
    /// Its version.
    package var version: ModelVersion

    package init(
        store: any BlobStore, blob: TensorBlob, layout: TensorLayout, name: String, dataset: String,
        round: RoundNumber, version: ModelVersion
    ) {
        (self.store, self.blob, self.layout) = (store, blob, layout)
        (self.name, self.dataset, self.round, self.version) = (name, dataset, round, version)
    }

    /// Writes the model as safetensors, in one step and without holding it in memory; returns the file's SHA-256 in
    /// hexadecimal. Blocks the calling thread.
    ///
    /// - Throws: `ReportError` if the file system refuses, `StoreError` if the blob cannot be read.
    package func write(to path: String) throws -> String {
        guard let reader = try store.open(blob.digest), reader.byteCount == layout.count * 4 else {
            throw StoreError(.damaged, "model \(blob.digest) is missing or cut off; \(path) was not written")
        }
        let preamble = try Safetensors.preamble(of: layout, metadata: metadata)
        var hash = SHA256()
        try FileAccess.replace(path) { append in
            hash.update(data: preamble)
            try append(preamble)
            var offset = 0
            var piece = Data(count: 1 << 20)
            while offset < reader.byteCount {
                let count = min(piece.count, reader.byteCount - offset)
                if count < piece.count { piece = Data(count: count) }
                try piece.withUnsafeMutableBytes { try reader.read(at: offset, into: $0) }
                hash.update(data: piece)
                try append(piece)
                offset += count
            }
        }
        return BlobDigest(bytes: Array(hash.finalize()))?.rawValue ?? ""
    }

    private var metadata: [String: String] {
        [
            "form": "tributary-model-1", "model": name, "dataset": dataset, "round": String(round.rawValue),
            "model_version": String(version.rawValue),
        ]
    }
}
