public import TributaryCore
public import TributaryMath

/// A client's way of sending updates: an encoding and, if it is to have it, error feedback.
///
/// ```swift
/// var compressor = UpdateCompressor(encoding, feedback: ErrorFeedback())
/// let message = try compressor.compress(update, random: &stream)
/// // … upload message.bytes; the server's answer:
/// accepted ? compressor.commit() : compressor.rollback()
/// ```
///
/// With an unbiased encoding and no feedback this is the client's part of FedPAQ (Reisizadeh et al. 2020): the server
/// averages what it decodes.
public struct UpdateCompressor: Hashable, Sendable {
    /// How updates are written.
    public let encoding: UpdateEncoding
    /// What earlier updates left out; nil without error feedback. What survives a restart of the client.
    public private(set) var feedback: ErrorFeedback?

    /// An update as it is sent.
    public struct Message: Hashable, Sendable {
        /// The bytes.
        public let bytes: [UInt8]
        /// What the server will read from them.
        public let decoded: [Float]
        /// Their size, and how far `decoded` is from what was to be sent, feedback included.
        public let report: CompressionReport
    }

    /// A way of sending updates, with feedback that is new or was stored.
    public init(_ encoding: UpdateEncoding, feedback: ErrorFeedback? = nil) {
        self.encoding = encoding
        self.feedback = feedback
    }

    /// Encodes an update together with what earlier ones left out. With feedback, the answer to the message before must
    /// have been told.
    public mutating func compress(
        _ update: [Float], random: inout RandomStream
    ) throws(UpdateEncodingError) -> Message {
        let corrected = feedback?.corrected(update) ?? update
        let bytes = try encoding.encoded(corrected, random: &random)
        guard let decoded = try? encoding.decoded(bytes, count: corrected.count) else {
            preconditionFailure("an encoder wrote what its decoder refuses")
        }
        let report = CompressionReport(corrected, byteCount: bytes.count, decoded: decoded)
        guard report.relativeError.isFinite else {
            throw corrected.allSatisfy(\.isFinite) ? .outOfRange : .notFinite
        }
        feedback?.sent(corrected, as: decoded)
        return Message(bytes: bytes, decoded: decoded, report: report)
    }

    /// The server has accepted the last message.
    public mutating func commit() { feedback?.commit() }

    /// The last message does not count.
    public mutating func rollback() { feedback?.rollback() }
}
