/// How a call's message is written in the body of a request or an answer.
public enum ConnectContentType: String, Hashable, Sendable, CaseIterable {
    /// Protocol Buffers' binary form.
    case proto = "application/proto"
    /// Protocol Buffers' JSON form.
    case json = "application/json"

    /// Reads the value of a header `Content-Type`. Parameters such as `charset=utf-8` are passed over.
    ///
    /// Nil if it is neither of the two (or missing): an HTTP server answers 415, a client cannot read the answer.
    public init?(header: String?) {
        guard let header, header.utf8.count <= 256 else { return nil }
        let type = header.prefix { $0 != ";" }
        self.init(rawValue: HeaderText.trimmed(type).lowercased())
    }

    /// The value of the header `Content-Type`.
    public var header: String { rawValue }
}

/// How the bytes of models and updates are declared.
public enum BlobContentType {
    /// The value of the header `Content-Type`.
    public static let header = "application/octet-stream"

    /// Whether a header `Content-Type` declares such bytes: what a proxy says in their place does not.
    public static func isDeclared(by header: String?) -> Bool {
        guard let header, header.utf8.count <= 256 else { return false }
        return HeaderText.trimmed(header.prefix { $0 != ";" }).lowercased() == Self.header
    }
}

/// How a model comes that goes out as its difference to another (RFC 3229 has the idea and the header fields).
public enum ModelDeltaAnswer {
    /// The HTTP status: 226, IM Used.
    public static let status = 226
    /// The value of the header `Content-Type`: no blob's, so that nobody takes one for the other.
    public static let contentType = "application/vnd.tributary.model-delta"
    /// The value of the header `IM`.
    public static let manipulation = "tributary-delta"
    /// The parameter of a blob's address that names what the caller has.
    public static let parameter = "base"

    /// Whether a header `Content-Type` declares a difference.
    public static func isDeclared(by header: String?) -> Bool {
        guard let header, header.utf8.count <= 256 else { return false }
        return HeaderText.trimmed(header.prefix { $0 != ";" }).lowercased() == contentType
    }
}

/// How the body of a call is packed.
public enum ConnectContentEncoding: String, Hashable, Sendable, CaseIterable {
    /// As it is.
    case identity
    /// gzip (RFC 1952).
    case gzip
}
