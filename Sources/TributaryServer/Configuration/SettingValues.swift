public import Logging
public import TributaryCore

/// Where a server listens: an address or a name, and a port.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address, or a name of this machine.
    public var host: String
    /// The port; 0 takes a free one.
    public var port: Int

    /// An address with both its parts.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The address as it stands in a URL.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopbackIPv4 = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return isLoopbackIPv4 || host == "::1" || host.lowercased() == "localhost"
    }
}

extension ListenAddress: PlanValue {
    package static var form: String { "an address and a port, such as 127.0.0.1:8470, 0.0.0.0:8470 or [::]:8470" }

    package init?(planText text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        let digits = text[text.index(after: colon)...]
        guard !host.isEmpty, digits.allSatisfy(\.isASCII), let port = UInt16(digits) else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var planText: String { description }
}

/// A number of bytes.
public struct ByteCount: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number.
    public var bytes: Int

    /// So many bytes.
    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// The number in the largest unit that divides it.
    public var description: String {
        let unit = Self.units.last { bytes != 0 && $0.suffix.hasSuffix("iB") && bytes % $0.bytes == 0 }
        return unit.map { "\(bytes / $0.bytes)\($0.suffix)" } ?? "\(bytes)B"
    }

    /// Whether one number is smaller.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    private static let units: [(suffix: String, bytes: Int)] = [
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
        ("B", 1),
    ]
}

extension ByteCount: PlanValue {
    package static var form: String { "a size such as 64KiB, 4MiB or 1GiB" }

    package init?(planText text: String) {
        let unit = Self.units.first { text.hasSuffix($0.suffix) }
        guard let count = Int(text.dropLast(unit?.suffix.count ?? 0)), count >= 0 else { return nil }
        let (bytes, overflows) = count.multipliedReportingOverflow(by: unit?.bytes ?? 1)
        guard !overflows else { return nil }
        self.init(bytes)
    }

    package var planText: String { description }
}

/// A text that no log, record or message may show.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself.
    public let value: String

    /// Hides a text.
    public init(_ value: String) {
        self.value = value
    }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Compares every byte, so that the time taken does not tell how much of a guess was right.
    public static func == (left: Secret, right: Secret) -> Bool {
        let (a, b) = (Array(left.value.utf8), Array(right.value.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: PlanValue {
    package static var form: String { "16 to 512 letters, digits and signs without spaces" }

    package init?(planText text: String) {
        guard (16...512).contains(text.utf8.count), text.utf8.allSatisfy({ (33...126).contains($0) }) else {
            return nil
        }
        self.init(text)
    }

    package var planText: String { description }
}

/// Of how many of a run's ended rounds something is kept.
public enum RoundRetention: Hashable, Sendable {
    /// Of all.
    case all
    /// Of the newest, so many.
    case newest(Int)
}

extension RoundRetention: PlanValue {
    /// The fewest: reports and repeated calls look some rounds back.
    private static let counts = 10...1_000_000_000
    package static var form: String { "a whole number from \(counts.lowerBound) to \(counts.upperBound), or all" }

    package init?(planText text: String) {
        if text == "all" {
            self = .all
        } else if let count = Int(text), Self.counts.contains(count) {
            self = .newest(count)
        } else {
            return nil
        }
    }

    package var planText: String {
        switch self {
        case .all: "all"
        case .newest(let count): String(count)
        }
    }
}

extension SoftwareVersion: PlanValue {
    package static var form: String { "a version such as 1.4.0" }
    package init?(planText text: String) { self.init(text) }
    package var planText: String { description }
}

extension Logger.Level: PlanValue {}
extension ServerSettings.Updates.Keep: PlanValue {}
extension ServerSettings.Log.Format: PlanValue {}
