/// What arrives during a download, in order.
public enum DownloadEvent: Sendable {
    /// The answer has begun. `offset` is where its bytes start in the file: what was asked for, or 0 if the server
    /// sends everything anyway; `total` is the length of the whole file, if known.
    case response(offset: Int, total: Int?)
    /// The next bytes of the file.
    case bytes([UInt8])
}

/// Gets files over a network.
public protocol Downloader: Sendable {
    /// Gets the bytes of `url` from `offset` on and hands them to `receive`, one call at a time.
    ///
    /// Returns when the answer is complete. Throws if it is refused or cut off, and whatever `receive` throws, which
    /// ends the download. What was received before an error is good and can be resumed from. A server that cannot
    /// begin at `offset` is asked for the whole file.
    func download(
        _ url: String, from offset: Int,
        receive: @escaping @Sendable (DownloadEvent) throws(DatasetError) -> Void
    ) async throws(DatasetError)
}

/// How far the fetching of one file is.
public struct FetchProgress: Hashable, Sendable {
    /// The data set the file is kept under.
    public let set: String
    /// The file's name.
    public let file: String
    /// What is happening to the file.
    public let stage: Stage

    /// The stages of a file.
    public enum Stage: Hashable, Sendable {
        /// It was here already, at this path, and its content is right.
        case present(path: String)
        /// Bytes received so far, of the total if it is known.
        case receiving(bytes: Int, total: Int?)
        /// It was verified and stored at this path.
        case stored(path: String)
        /// This address did not give the file, for this reason; the next one is tried.
        case failed(url: String, reason: String)
    }
}
