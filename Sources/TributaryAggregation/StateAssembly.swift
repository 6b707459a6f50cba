import TributaryCore
import TributaryStore

/// What a server optimiser or a method keeps, while a model is made: read, stepped and written piece by piece beside the model.
final class StateAssembly {
    private let form: OptimiserStateForm
    private let store: any BlobStore
    /// What was kept, vector by vector; empty before the first step.
    private var blobs: [HashedBlob]
    private var writers: [any BlobWriter] = []
    private let tile: TensorTile
    /// The piece that is worked on, of one vector after another.
    private var memory: [Float]

    /// Looks whether everything is there. Without vectors it is for the first step.
    ///
    /// - Parameter parameterCount: the model's length.
    init(
        _ form: OptimiserStateForm, _ vectors: [TensorBlob], parameterCount: Int, store: any BlobStore, pieceLength: Int
    ) throws(ModelFailure) {
        self.form = form
        self.store = store
        blobs = vectors.map { HashedBlob($0) }
        precondition(blobs.isEmpty || blobs.count == form.vectors.count, "a state with other vectors than its form")
        tile = TensorTile(capacity: blobs.isEmpty ? 0 : pieceLength)
        memory = [Float](repeating: 0, count: form.vectors.count * pieceLength)
        try ModelFailure.catching { () throws(StoreError) in
            for place in blobs.indices {
                try blobs[place].open(in: store, parameterCount: parameterCount, keepsOpen: true)
            }
        }
    }

    /// Begins the new vectors.
    func begin() throws(StoreError) {
        for _ in form.vectors { writers.append(try store.makeBlob()) }
    }

    /// Reads a piece of every vector; whether that was sound.
    func read(_ range: Range<Int>) throws(StoreError) -> Bool {
        var isSound = true
        for (place, vector) in form.vectors.enumerated() {
            let target = place * range.count..<(place + 1) * range.count
            guard !blobs.isEmpty else {
                for index in target { memory[index] = vector.initial }
                continue
            }
            guard let piece = try blobs[place].read(range, from: store, into: tile, scratch: tile) else {
                isSound = false
                continue
            }
            memory.replaceSubrange(target, with: piece)
        }
        return isSound
    }

    /// Gives the piece that was read to be changed, then writes what has become of it.
    func step(count: Int, _ change: (UnsafeMutableBufferPointer<Float>) -> Void) throws(StoreError) {
        let writers = writers
        try memory.withUnsafeMutableBufferPointer { memory throws(StoreError) in
            change(UnsafeMutableBufferPointer(rebasing: memory[..<(form.vectors.count * count)]))
            for (place, writer) in writers.enumerated() {
                try writer.append(
                    UnsafeMutableBufferPointer(rebasing: memory[place * count..<(place + 1) * count]))
            }
        }
    }

    /// Compares the digests of what was read; the name of a vector that is not what was kept, if there is one.
    func compareDigests() throws(StoreError) -> String? {
        var damaged: String?
        for place in blobs.indices {
            try blobs[place].close(in: store)
            if blobs[place].isDamaged { damaged = "\(form.vectors[place].name) (\(blobs[place].blob.digest))" }
        }
        return damaged
    }

    /// Brings the new vectors to disk.
    func finish() throws(StoreError) -> [TensorBlob] {
        var made: [TensorBlob] = []
        for writer in writers {
            let (digest, byteCount) = try writer.finish()
            made.append(TensorBlob(digest: digest, byteCount: byteCount, encoding: .float32))
        }
        return made
    }

    /// Gives up what was begun.
    func cancel() {
        for writer in writers { writer.cancel() }
    }
}
