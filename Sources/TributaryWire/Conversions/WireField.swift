import TributaryCore

/// A place in a message, by the names of the `.proto`: checks what stands there and names it in errors.
struct WireField {
    /// The path, for example `training.update.sha256`; empty for the message itself.
    let path: String

    /// The message itself.
    static let message = WireField(path: "")

    /// A field of the message here.
    subscript(name: String) -> WireField {
        WireField(path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// An element of the list here.
    subscript(index: Int) -> WireField { WireField(path: "\(path)[\(index)]") }

    /// What is wrong here.
    func error(_ why: String) -> ConnectError {
        ConnectError(.invalidArgument, path.isEmpty ? why : "field \(path): \(why)")
    }

    /// A whole number within bounds.
    func count(_ value: UInt64, in bounds: ClosedRange<Int> = 0...Int.max) throws(ConnectError) -> Int {
        guard let count = Int(exactly: value), bounds.contains(count) else {
            let upper = bounds.upperBound == .max ? "2^63 - 1" : "\(bounds.upperBound)"
            throw error("is \(value); must be \(bounds.lowerBound) to \(upper)")
        }
        return count
    }

    /// A time.
    func duration(milliseconds: UInt64) throws(ConnectError) -> Duration {
        .milliseconds(try count(milliseconds, in: 0...WireLimits.milliseconds))
    }

    /// A number that is neither NaN nor infinite, and not below `least`.
    func finite(_ value: Double, atLeast least: Double? = nil) throws(ConnectError) -> Double {
        guard value.isFinite else { throw error("is \(value); must be a finite number") }
        if let least, value < least { throw error("is \(value); must be at least \(least)") }
        return value
    }

    /// A text of one line.
    func text(_ value: String, bytes bounds: ClosedRange<Int>) throws(ConnectError) -> String {
        guard bounds.contains(value.utf8.count) else {
            throw error("has \(value.utf8.count) bytes; must have \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        guard OneLine.holds(value) else { throw error("has a control character in it; must be one line of text") }
        return value
    }

    /// Names with values, each of one line.
    func texts(_ values: [String: String], limit: Int, bytes: Int) throws(ConnectError) -> [String: String] {
        guard values.count <= limit else { throw error("has \(values.count) entries; must have \(limit) at most") }
        for (name, value) in values {
            let entry = WireField(path: "\(path)[\(ConnectCoding.quotable(name))]")
            _ = try entry.text(name, bytes: 1...bytes)
            _ = try entry.text(value, bytes: 0...bytes)
        }
        return values
    }

    /// Metrics of a trainer; whether they are finite is not asked.
    func metrics(_ values: [String: Double]) throws(ConnectError) -> [String: Double] {
        guard values.count <= WireLimits.metrics else {
            throw error("has \(values.count) entries; must have \(WireLimits.metrics) at most")
        }
        for name in values.keys {
            let entry = WireField(path: "\(path)[\(ConnectCoding.quotable(name))]")
            _ = try entry.text(name, bytes: 1...WireLimits.metricNameBytes)
        }
        return values
    }

    /// A run's name.
    func run(_ text: String) throws(ConnectError) -> RunID {
        guard let run = RunID(rawValue: text) else {
            throw error("must be 1 to 64 lower-case letters, digits and hyphens, and not begin with a hyphen")
        }
        return run
    }

    /// A task's name, written just as the server writes it.
    func task(_ text: String) throws(ConnectError) -> TaskID {
        guard let task = TaskID(text), task.description == text else {
            throw error("is not the name of a task; give it back as Poll gave it")
        }
        return task
    }

    /// A version of software.
    func version(_ text: String) throws(ConnectError) -> SoftwareVersion {
        let plain = try self.text(text, bytes: 1...WireLimits.versionBytes)
        guard let version = SoftwareVersion(plain) else { throw error("must be a version such as 1.4.0") }
        return version
    }
}
