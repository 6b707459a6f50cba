import TributaryCore
import TributaryStore

/// Uploads: who sends the right bytes finds them in the store as they were sent, and need never begin again.
///
/// The digest makes good whatever the store does wrong in between: the client sends all of it once more. So the end alone
/// tells nothing, and every step is looked at. Excused is only what false bytes of the same client, or the disk when it lost
/// power, have spoilt before.
extension Checks {
    /// A writer of an upload was opened, at an offset.
    mutating func uploadBegins(_ id: UploadID, _ upload: Upload, at offset: Int, world: World) {
        if BlobDigest.sha256(of: upload.bytes) == id.digest {
            sentBytes[id] = upload.bytes
            arrived(id, offset, world: world)
        } else {
            spoiltUploads.insert(id)
        }
    }

    /// So many bytes of an upload have arrived, as the store says.
    mutating func arrived(_ id: UploadID, _ offset: Int, world: World) {
        guard let bytes = sentBytes[id], !spoiltUploads.contains(id) else { return }
        let found = world.coordinator.disk.content(of: CoordinatorNode.path(of: id)) ?? []
        require(
            found.count >= offset && found.prefix(offset) == bytes.prefix(offset), "uploads",
            "the first \(offset) bytes of \(id.digest) are not those that \(id.client) sent")
    }

    /// The store found that an upload has another digest than was announced.
    mutating func refusedBytes(of id: UploadID) {
        require(
            spoiltUploads.contains(id), "uploads", "\(id.client) sent \(id.digest) as it is, and has to begin again")
    }

    /// The machine lost power: what it spoilt of uploads is nobody's doing.
    mutating func lostPower(_ world: World) {
        for (id, bytes) in sentBytes where !spoiltUploads.contains(id) {
            guard let found = world.coordinator.disk.content(of: CoordinatorNode.path(of: id)) else { continue }
            if !bytes.starts(with: found) { spoiltUploads.insert(id) }
        }
    }
}
