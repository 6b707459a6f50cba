/// An open file or folder, closed when nobody holds it any more.
package final class OpenFile: Sendable {
    package let path: String
    /// What the file system calls it.
    let number: Int32
    private let files: any FileSystem

    /// Opens the file; nil if it is not there and is not to be made.
    package init?(_ path: String, _ mode: FileMode, in files: any FileSystem) throws(StoreError) {
        do throws(FileError) {
            number = try files.open(path, mode)
        } catch {
            if error.isMissing, mode == .reading { return nil }
            throw .file(path, "cannot be opened", error)
        }
        self.path = path
        self.files = files
    }

    deinit {
        files.close(number)
    }

    /// What is known of it.
    package func status() throws(StoreError) -> FileStatus {
        do throws(FileError) {
            return try files.status(of: number)
        } catch {
            throw .file(path, "cannot be examined", error)
        }
    }

    /// Reads at a place until the buffer is full or the file ends; returns how many bytes it read.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int {
        var done = 0
        do throws(FileError) {
            while done < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                let count = try files.read(number, at: offset + done, into: rest)
                if count == 0 { break }
                done += count
            }
        } catch {
            throw .file(path, "cannot be read", error)
        }
        return done
    }

    /// Hands out the first `byteCount` bytes in order, in pieces; throws `.damaged` if there are fewer.
    package func forEachPiece(
        upTo byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        try forEachPiece(upTo: byteCount) { piece, _ throws(StoreError) in body(piece) }
    }

    /// Writes the first `byteCount` bytes again where they are, and hands them out in order.
    package func rewrite(upTo byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(StoreError) {
        try forEachPiece(upTo: byteCount) { piece, offset throws(StoreError) in
            try write(piece, at: offset)
            body(piece)
        }
    }

    private func forEachPiece(
        upTo byteCount: Int, _ body: (UnsafeRawBufferPointer, _ offset: Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(byteCount, 1 << 20), alignment: 64)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < byteCount {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, byteCount - offset)])
            guard try read(at: offset, into: piece) == piece.count else {
                throw StoreError(.damaged, "\(path): it ends before its \(byteCount) bytes")
            }
            try body(UnsafeRawBufferPointer(piece), offset)
            offset += piece.count
        }
    }

    /// Writes all the bytes at a place. After a failure the file ends where they began, if it can be cut off there.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        var done = 0
        do throws(FileError) {
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let count = try files.write(rest, to: number, at: offset + done)
                if count == 0 { throw .nothingWritten }
                done += count
            }
        } catch {
            try? files.truncate(number, to: offset)
            throw .file(path, "cannot be written", error)
        }
    }

    /// Cuts the file off.
    package func truncate(to byteCount: Int) throws(StoreError) {
        do throws(FileError) {
            try files.truncate(number, to: byteCount)
        } catch {
            throw .file(path, "cannot be shortened", error)
        }
    }

    /// Returns when the content is on disk.
    package func synchronise() throws(StoreError) {
        do throws(FileError) {
            try files.synchronise(number)
        } catch {
            throw .file(path, "cannot be brought to disk", error)
        }
    }
}
