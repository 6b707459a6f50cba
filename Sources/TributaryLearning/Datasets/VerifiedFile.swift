import Crypto

/// A file of a named set, where it was found.
struct VerifiedFile {
    let path: String
    let file: DatasetManifest.File
    let verifies: Bool

    /// Reads, decodes and checks the file.
    ///
    /// Decoding comes first: of a broken file it can say where and how, the checksum only that it is broken.
    func decoded<Value>(
        _ decode: ([UInt8], String) throws(DatasetError) -> Value
    ) throws(DatasetError) -> Value {
        let limit = verifies ? 2 * file.bytes + (1 << 16) : FileContent.defaultLimit
        let bytes = try FileContent.read(path: path, limit: limit, expecting: file.bytes)
        let value = try decode(bytes, path)
        if verifies { try file.check(bytes, path: path) }
        return value
    }
}

extension DatasetManifest.File {
    /// Refuses content whose SHA-256 is not the manifest's.
    func check(_ bytes: [UInt8], path: String) throws(DatasetError) {
        let found = SHA256.hash(data: bytes).hexadecimal
        guard found == sha256 else {
            throw .badData(
                "\(path): the content's SHA-256 is \(found), expected \(sha256); "
                    + "get the file again, or turn verification off if it was changed on purpose")
        }
    }
}
