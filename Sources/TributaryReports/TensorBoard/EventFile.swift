public import TributaryCore

/// Rounds as a TensorBoard event file (`events.out.tfevents.…`).
///
/// The file is a sequence of TFRecords: length (8 bytes, little-endian), masked CRC-32C of the length, an `Event`
/// in protobuf encoding, masked CRC-32C of the event. The content depends on nothing but the arguments.
public enum EventFile {
    /// The name TensorBoard looks for. `wallTime` is in seconds since 1970.
    public static func name(startedAt wallTime: Double, host: String = "tributary") -> String {
        let seconds = wallTime.isFinite ? Int64(min(max(0, wallTime), 9_999_999_999)) : 0
        let digits = String(seconds)
        return "events.out.tfevents." + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".\(host)"
    }

    /// The whole file. Each round is stamped with the start plus the computing time until its end.
    public static func content(_ rounds: [RoundSummary], startedAt wallTime: Double) -> [UInt8] {
        var bytes = header(at: wallTime)
        var now = wallTime
        for round in rounds {
            now += round.timing.realSeconds
            bytes += record(of: round, at: now)
        }
        return bytes
    }

    /// The record every event file begins with.
    public static func header(at wallTime: Double) -> [UInt8] {
        var event = Protobuf()
        event.double(1, wallTime)
        event.string(3, "brain.Event:2")
        return frame(event.bytes)
    }

    /// One round's scalars, each at the step of its round.
    public static func record(of round: RoundSummary, at wallTime: Double) -> [UInt8] {
        var summary = Protobuf()
        for (tag, value) in scalars(of: round) {
            var entry = Protobuf()
            entry.string(1, tag)
            entry.float(2, Float(value))
            summary.message(1, entry)
        }
        var event = Protobuf()
        event.double(1, wallTime)
        event.varint(2, UInt64(clamping: round.round.rawValue))
        event.message(5, summary)
        return frame(event.bytes)
    }

    private static func frame(_ data: [UInt8]) -> [UInt8] {
        let length = Protobuf.littleEndian(UInt64(data.count))
        return length + Protobuf.littleEndian(CRC32C.masked(length)) + data + Protobuf.littleEndian(CRC32C.masked(data))
    }
}

extension EventFile {
    /// The figures of a round by their tags; those that were not taken are absent.
    private static func scalars(of round: RoundSummary) -> [(tag: String, value: Double)] {
        let who = round.participation
        let figures: [(String, Double?)] = [
            ("accuracy/test", round.test?.accuracy), ("accuracy/federated", round.federated?.mean.accuracy),
            ("accuracy/worst_tenth", round.federated?.accuracy?.worstTenth), ("loss/test", round.test?.loss),
            ("loss/federated", round.federated?.mean.loss), ("loss/train", round.trainLoss),
            ("accuracy/own", round.personal?.mean.accuracy), ("loss/own", round.personal?.mean.loss),
            ("participation/invited", Double(who.invited)), ("participation/reported", Double(who.reported)),
            ("participation/dropped", Double(who.droppedCount)), ("bytes/down", Double(round.traffic.bytesDown)),
            ("bytes/up", Double(round.traffic.bytesUp)), ("norm/smallest", round.updateNorms?.smallest),
            ("norm/mean", round.updateNorms?.mean), ("norm/largest", round.updateNorms?.largest),
            ("norm/aggregate", round.updateNorms?.aggregate), ("time/virtual_seconds", round.timing.virtualSeconds),
            ("time/real_seconds", round.timing.realSeconds), ("learning_rate", round.learningRate),
        ]
        return figures.compactMap { tag, value in value.map { (tag, $0) } }
    }
}

/// The little of the protobuf wire format that events need.
private struct Protobuf {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ field: UInt64, _ value: UInt64) {
        append(field << 3)
        append(value)
    }

    mutating func double(_ field: UInt64, _ value: Double) {
        append(field << 3 | 1)
        bytes += Self.littleEndian(value.bitPattern)
    }

    mutating func float(_ field: UInt64, _ value: Float) {
        append(field << 3 | 5)
        bytes += Self.littleEndian(value.bitPattern)
    }

    mutating func string(_ field: UInt64, _ text: String) {
        append(field << 3 | 2)
        append(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func message(_ field: UInt64, _ content: Protobuf) {
        append(field << 3 | 2)
        append(UInt64(content.bytes.count))
        bytes += content.bytes
    }

    private mutating func append(_ varint: UInt64) {
        var rest = varint
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    static func littleEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
