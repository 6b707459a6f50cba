public import SwiftProtobuf

/// Writes and reads the messages of calls, in either of their forms. Used by servers and clients alike.
public enum ConnectCoding {
    /// What to do with a field of a JSON message that this version of the protocol does not have.
    ///
    /// Protocol Buffers' binary form names fields by number, and always passes over those it does not know.
    public enum UnknownFields: Hashable, Sendable {
        /// An error that names it: a server's way, since most are misspelt.
        case refuse
        /// As if it were not there: a client's way, so that newer servers can say more.
        case ignore
    }

    /// How deep messages may lie in one another; ours need 3.
    static let depthLimit = 16

    /// Reads a message. Total: any bytes give a message or an `invalid_argument` that says in one line what is wrong.
    public static func decode<Request: Message>(
        _ type: Request.Type, from bytes: some SwiftProtobufContiguousBytes, as contentType: ConnectContentType,
        unknownFields: UnknownFields = .refuse
    ) throws(ConnectError) -> Request {
        do {
            switch contentType {
            case .proto:
                var options = BinaryDecodingOptions()
                options.messageDepthLimit = depthLimit
                options.discardUnknownFields = true
                return try Request(serializedBytes: bytes, options: options)
            case .json:
                return try Request(jsonUTF8Bytes: bytes, options: jsonOptions(unknownFields))
            }
        } catch {
            throw ConnectError(
                .invalidArgument, reason(error, type, bytes, as: contentType, unknownFields: unknownFields))
        }
    }

    /// Writes a message: the same message gives the same bytes. Throws `internal` if it cannot be written (over 2 GB).
    public static func encode(
        _ message: some Message, as contentType: ConnectContentType
    ) throws(ConnectError) -> [UInt8] {
        do {
            switch contentType {
            case .proto:
                var options = BinaryEncodingOptions()
                options.useDeterministicOrdering = true
                return try message.serializedBytes(options: options)
            case .json:
                var options = JSONEncodingOptions()
                options.useDeterministicOrdering = true
                return try message.jsonUTF8Bytes(options: options)
            }
        } catch {
            throw ConnectError(.internal, "a message could not be written as \(contentType.rawValue)")
        }
    }

    static func jsonOptions(_ unknownFields: UnknownFields) -> JSONDecodingOptions {
        var options = JSONDecodingOptions()
        options.messageDepthLimit = depthLimit
        options.ignoreUnknownFields = unknownFields == .ignore
        return options
    }
}
