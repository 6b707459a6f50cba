public import TributaryCore

extension TensorEncoding {
    /// The encoding that a message names; nil for one that is not known.
    public init?(_ encoding: WireEncoding) {
        switch encoding {
        case .f32: self = .float32
        case .f16: self = .float16
        case .bf16: self = .bfloat16
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }

    init(_ encoding: WireEncoding, at field: WireField) throws(ConnectError) {
        guard let known = TensorEncoding(encoding) else {
            throw field.error("must be ENCODING_F32, ENCODING_F16 or ENCODING_BF16")
        }
        self = known
    }
}

extension WireEncoding {
    /// The encoding as messages name it.
    public init(_ encoding: TensorEncoding) {
        switch encoding {
        case .float32: self = .f32
        case .float16: self = .f16
        case .bfloat16: self = .bf16
        }
    }
}

extension TensorBlob {
    /// Reads a blob's name. Throws `invalid_argument` for a bad digest, a size over 2⁴⁰ bytes or an unknown encoding.
    public init(_ message: WireBlob) throws(ConnectError) {
        try self.init(message, at: .message)
    }

    init(_ message: WireBlob, at field: WireField) throws(ConnectError) {
        guard let digest = BlobDigest(rawValue: message.sha256) else {
            throw field["sha256"].error("must be 64 lower-case hexadecimal digits")
        }
        let size = try field["size"].count(message.size, in: 0...WireLimits.blobBytes)
        let encoding = try TensorEncoding(message.encoding, at: field["encoding"])
        self.init(digest: digest, byteCount: size, encoding: encoding)
    }
}

extension WireBlob {
    /// A blob's name.
    public init(_ blob: TensorBlob) {
        self.init()
        sha256 = blob.digest.rawValue
        size = UInt64(clamping: blob.byteCount)
        encoding = WireEncoding(blob.encoding)
    }
}
