import Synchronization

extension MetricsRegistry {
    /// All metrics in Prometheus's text format 0.0.4, in the order of their names.
    package func prometheusText() -> String {
        let (families, dropped) = state.withLock { ($0.families, $0.droppedCount) }
        var lines: [String] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key.description < $1.key.description }) {
                lines += series.lines(name, labels)
            }
        }
        lines += ["# TYPE tributary_metrics_dropped_series gauge", "tributary_metrics_dropped_series \(dropped)"]
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A series's dimensions, in the order of their names.
struct Labels: Hashable, Sendable, CustomStringConvertible {
    private let pairs: [String]

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.sorted { $0.0 < $1.0 }.map { Self.pair($0.0, $0.1) }
    }

    private init(pairs: [String]) {
        self.pairs = pairs
    }

    func adding(_ name: String, _ value: String) -> Labels {
        Labels(pairs: pairs + [Self.pair(name, value)])
    }

    /// As Prometheus writes them; nothing for none.
    var description: String { pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}" }

    private static func pair(_ name: String, _ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return "\(MetricName.plain(name))=\"\(escaped)\""
    }
}

/// Names as Prometheus takes them.
enum MetricName {
    static func plain(_ label: String) -> String {
        let name = String(label.unicodeScalars.map { isLegal($0) ? Character($0) : "_" })
        return name.first.map { ("0"..."9").contains($0) } ?? true ? "_" + name : name
    }

    static func counter(_ label: String) -> String { withSuffix("_total", label) }

    static func timer(_ label: String) -> String { withSuffix("_seconds", label) }

    private static func withSuffix(_ suffix: String, _ label: String) -> String {
        let name = plain(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func isLegal(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
        default: false
        }
    }
}

/// Numbers as Prometheus reads them.
enum MetricText {
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
