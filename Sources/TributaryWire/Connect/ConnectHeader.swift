public import TributaryCore

/// The headers of calls and of transfers, and how their values are written.
///
/// Readers are total: whatever stands in a header gives a value, nil or a `ConnectError`.
public enum ConnectHeader {
    /// How long the server may work on a call: 1 to 10 digits, milliseconds.
    public static let timeout = "Connect-Timeout-Ms"
    /// The version of the Connect protocol: `1`.
    public static let protocolVersion = "Connect-Protocol-Version"
    /// When to come back, in whole seconds, for callers that know no better.
    public static let retryAfter = "Retry-After"
    /// When to come back: `EARLIEST-LATEST`, milliseconds.
    public static let retryWindow = "Tributary-Retry-Window"
    /// Where an upload goes on: a number of bytes.
    public static let uploadOffset = "Upload-Offset"
    /// How long an upload's whole is: a number of bytes.
    public static let uploadLength = "Upload-Length"

    /// The value of `Connect-Timeout-Ms`; nil without the header. Throws `invalid_argument` if it is not 1 to 10 digits.
    public static func timeout(_ value: String?) throws(ConnectError) -> Duration? {
        guard let value else { return nil }
        guard value.utf8.count <= 10, let milliseconds = HeaderText.number(value) else {
            throw ConnectError(.invalidArgument, "header \(timeout): must be 1 to 10 digits")
        }
        return .milliseconds(milliseconds)
    }

    /// `Connect-Timeout-Ms` for a duration: rounded up to whole milliseconds, and to the longest that can be written.
    public static func timeoutValue(_ timeout: Duration) -> String {
        String(min(WireLimits.clampedMilliseconds(timeout), 9_999_999_999))
    }

    /// Whether the version of the Connect protocol will do: 1, or no header (for curl). Throws `invalid_argument`.
    public static func checkProtocolVersion(_ value: String?) throws(ConnectError) {
        guard value == nil || value == "1" else {
            throw ConnectError(.invalidArgument, "header \(protocolVersion): must be 1")
        }
    }

    /// How a request's body is packed: the value of `Content-Encoding`. Throws `unimplemented`, with the encodings that
    /// are taken, as Connect asks for.
    public static func contentEncoding(_ value: String?) throws(ConnectError) -> ConnectContentEncoding {
        guard let value else { return .identity }
        let name = HeaderText.trimmed(value[...]).lowercased()
        guard let encoding = ConnectContentEncoding(rawValue: name) else {
            throw ConnectError(
                .unimplemented,
                "header Content-Encoding: '\(OneLine.of(name, byteLimit: 64))' is not known here; send the body as "
                    + ConnectContentEncoding.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return encoding
    }

    /// A number of bytes (`Upload-Offset`, `Upload-Length`, `Content-Length`): up to 18 digits. Nil for anything else.
    public static func byteCount(_ value: String?) -> Int? {
        value.flatMap { HeaderText.number($0) }
    }
}

extension ConnectHeader {
    /// The values of `Retry-After` (whole seconds, rounded up) and `Tributary-Retry-Window` for a window.
    public static func retryValues(_ window: RetryWindow) -> (retryAfter: String, retryWindow: String) {
        let earliest = WireLimits.clampedMilliseconds(window.earliest)
        let latest = max(WireLimits.clampedMilliseconds(window.latest), earliest)
        return (String((earliest + 999) / 1000), "\(earliest)-\(latest)")
    }

    /// The window that an answer's headers name; nil if they name none.
    ///
    /// `Tributary-Retry-Window` comes first. A mere `Retry-After`, as a proxy may send, opens a window that is as long
    /// again, so that callers still spread out; its form with a date is passed over.
    public static func retryWindow(retryAfter: String?, retryWindow: String?) -> RetryWindow? {
        if let retryWindow, let window = parsedWindow(retryWindow) { return window }
        guard let retryAfter, let seconds = HeaderText.number(retryAfter) else { return nil }
        let earliest = min(seconds, WireLimits.milliseconds / 2000) * 1000
        return RetryWindow(earliest: .milliseconds(earliest), latest: .milliseconds(2 * earliest))
    }

    private static func parsedWindow(_ value: String) -> RetryWindow? {
        guard value.utf8.count <= 64 else { return nil }
        let ends = value.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let earliest = HeaderText.number(ends[0]), let latest = HeaderText.number(ends[1]),
            earliest <= latest, latest <= WireLimits.milliseconds
        else { return nil }
        return RetryWindow(earliest: .milliseconds(earliest), latest: .milliseconds(latest))
    }
}

/// What header values are made of.
enum HeaderText {
    /// The number that 1 to 18 decimal digits write; nil for anything else, signs and blanks included.
    static func number(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8
        guard (1...18).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    /// Without the blanks and tabs around it.
    static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start.prefix(0) }
        return start[...last]
    }
}
