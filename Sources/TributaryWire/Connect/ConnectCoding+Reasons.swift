import Foundation
import SwiftProtobuf

extension ConnectCoding {
    /// The longest JSON that is looked into for the place of a fault, in bytes. It is read several times over to find it,
    /// and no caller must be able to make the server do that for megabytes of nonsense; calls written by hand, which
    /// profit from it, are shorter.
    static let examinedByteCount = 16_384

    /// One line that says why a body is not the message, and where as far as that is known.
    static func reason<Request: Message>(
        _ error: any Error, _ type: Request.Type, _ bytes: some SwiftProtobufContiguousBytes,
        as contentType: ConnectContentType, unknownFields: UnknownFields
    ) -> String {
        let name = Request.protoMessageName
        switch contentType {
        case .proto:
            return "the body is not a \(name) in \(contentType.rawValue): \(binaryReason(error)) (\(bytes.count) bytes)"
        case .json:
            if case .unknownField(let field)? = error as? JSONDecodingError {
                return "field \(quotable(field)): \(name) has no such field"
            }
            let start = "the body is not a \(name) in \(contentType.rawValue): \(jsonReason(error))"
            guard bytes.count <= examinedByteCount else { return "\(start) (\(bytes.count) bytes)" }
            let data = bytes.withUnsafeBytes { Data($0) }
            return faultyField(type, in: data, unknownFields) ?? start + jsonPlace(data)
        }
    }

    private static func binaryReason(_ error: any Error) -> String {
        switch error as? BinaryDecodingError {
        case .truncated?: "it is cut off"
        case .invalidUTF8?: "a text in it is not UTF-8"
        case .messageDepthLimit?: "messages lie too deep in one another"
        default: "it is malformed"
        }
    }

    private static func jsonReason(_ error: any Error) -> String {
        switch error as? JSONDecodingError {
        case .truncated?: "it is cut off"
        case .malformedNumber?, .leadingZero?: "a number is malformed"
        case .numberRange?: "a number is out of range or not whole"
        case .malformedMap?, .unquotedMapKey?: "a map is malformed"
        case .malformedBool?: "a truth value is neither true nor false"
        case .malformedString?: "a text is malformed"
        case .invalidUTF8?: "it is not UTF-8"
        case .schemaMismatch?: "a value has the wrong type"
        case .unrecognizedEnumValue?: "a value is not one of its enumeration"
        case .illegalNull?: "null stands where it may not"
        case .trailingGarbage?: "something follows the message"
        case .conflictingOneOf?: "two fields are given of which only one may be"
        case .messageDepthLimit?: "it is nested too deeply"
        default: "it is malformed"
        }
    }

    /// The field of a JSON object that cannot be read, found by reading each alone: nothing but errors pays for it.
    private static func faultyField<Request: Message>(
        _ type: Request.Type, in data: Data, _ unknownFields: UnknownFields
    ) -> String? {
        guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else { return nil }
        for key in object.keys.sorted().prefix(64) {
            guard let value = object[key], JSONSerialization.isValidJSONObject([key: value]),
                let alone = try? JSONSerialization.data(withJSONObject: [key: value])
            else { return nil }
            do {
                _ = try Request(jsonUTF8Bytes: alone, options: jsonOptions(unknownFields))
            } catch {
                return "field \(quotable(key)): \(jsonReason(error))"
            }
        }
        return nil
    }

    /// Where JSON that is none goes wrong; empty if it is well-formed.
    private static func jsonPlace(_ data: Data) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
            return ""
        } catch {
            guard let place = (error as NSError).userInfo["NSJSONSerializationErrorIndex"] as? Int else { return "" }
            return " (byte \(place))"
        }
    }

    /// A caller's own text, fit for one line of an answer or a log.
    static func quotable(_ text: String) -> String {
        "'" + OneLine.of(text, byteLimit: 64) + "'"
    }
}
