import TributaryGzip

/// gzip for callers that hold bytes.
public enum Gzip {
    /// Unpacks gzip data; `source` names it in errors, `limit` bounds the output.
    public static func inflate(
        _ bytes: [UInt8], source: String = "gzip data", limit: Int = FileContent.defaultLimit
    ) throws(DatasetError) -> [UInt8] {
        do throws(GzipError) {
            return try GzipInflater.unpack(bytes, limit: limit)
        } catch {
            throw DatasetError(error, source: source)
        }
    }
}

/// Unpacks one file piece by piece, with its name in errors.
struct GzipFileInflater: ~Copyable {
    private let source: String
    private var inflater: GzipInflater

    init(source: String, limit: Int) throws(DatasetError) {
        self.source = source
        do throws(GzipError) {
            inflater = try GzipInflater(limit: limit)
        } catch {
            throw DatasetError(error, source: source)
        }
    }

    /// Takes in the next compressed bytes and appends what they unpack to.
    mutating func inflate(_ input: UnsafeRawBufferPointer, into content: inout [UInt8]) throws(DatasetError) {
        do throws(GzipError) {
            try inflater.inflate(input, into: &content)
        } catch {
            throw DatasetError(error, source: source)
        }
    }

    /// Says that the input ended; an error if that is in the midst of a member.
    mutating func finish() throws(DatasetError) {
        do throws(GzipError) {
            try inflater.finish()
        } catch {
            throw DatasetError(error, source: source)
        }
    }
}

extension DatasetError {
    init(_ error: GzipError, source: String) {
        let code: Code = if case .unavailable = error { .inputOutput } else { .badData }
        self.init(code, "\(source): \(error)")
    }
}
