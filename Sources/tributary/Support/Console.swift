import Foundation
import Synchronization

/// Standard output and standard error. Output that nobody reads any more (a closed pipe) is not a failure.
enum Console {
    /// Makes the three standard streams safe to use: a reader that goes away does not end the process, and a stream that
    /// was closed does not give its number to the next file that is opened.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(1) == 1 }

    /// Whether a line at the terminal can be written over.
    static var redrawsLines: Bool { isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb" }

    /// Whether colours are welcome: a terminal, and no NO_COLOR (no-color.org).
    static var usesColour: Bool {
        isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
            && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// The terminal's width in columns.
    static var width: Int {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a line to standard output.
    static func line(_ text: String = "") { write(text + "\n", to: 1) }

    /// Writes text to standard output as it is.
    static func text(_ text: String) { write(text, to: 1) }

    /// Writes a line to standard error.
    static func error(_ text: String) { write(text + "\n", to: 2) }

    /// Writes what went wrong as one line, whatever a file's name may contain.
    static func failure(_ message: String) {
        let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || scalar.value == 0x7f }
        let scalars = message.unicodeScalars.map { isControl($0) ? " " : $0 }
        error("error: \(String(String.UnicodeScalarView(scalars)))")
    }

    /// Why something that was written to standard output did not get there; nil if all did, or if nobody read it.
    static var outputFailure: String? {
        let reason = failedWrite.withLock { $0 }
        return reason == 0 ? nil : String(cString: strerror(reason))
    }

    private static let failedWrite = Mutex<Int32>(0)

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                let reason = errno
                if descriptor == 1, reason != EPIPE { failedWrite.withLock { $0 = reason } }
                return
            }
        }
    }
}
