import Foundation
import TributaryCore

/// How records are written as JSON: sorted keys, and figures of a diverged run as "NaN", "Infinity", "-Infinity".
enum RecordCoding {
    /// The value as one line without its end, or indented over many lines.
    static func encode(_ value: some Encodable, pretty: Bool = false) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty
            ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            : [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try encoder.encode(value)
        } catch {
            preconditionFailure("a record has a part that JSON cannot hold: \(error)")
        }
    }

    /// The value the bytes hold, or a damage report for the given place.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from content: Data, path: String, line: Int? = nil
    ) throws(ReportError) -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try decoder.decode(type, from: content)
        } catch let error as DecodingError {
            throw ReportError(.damaged, path: path, line: line, describe(error))
        } catch {
            throw ReportError(.damaged, path: path, line: line, "not valid JSON")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(place(context.codingPath))'\(key.stringValue)' is missing"
        case .valueNotFound(_, let context): "\(place(context.codingPath))a value is missing"
        case .typeMismatch(let type, let context):
            context.codingPath.isEmpty
                ? "not a record of ours" : "\(place(context.codingPath))not a value of type \(type)"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not valid JSON" : "\(place(context.codingPath))not a value that is known here"
        @unknown default: "not readable"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : path.map(\.stringValue).joined(separator: ".") + ": "
    }
}
