import Foundation

/// Figures as people read them: rounded, with their unit. Files keep all digits; see ``RoundTable``.
enum Figures {
    /// 0.9123 → "91.23 %".
    static func percent(_ share: Double, decimals: Int = 2) -> String {
        share.isFinite ? fixed(share * 100, decimals) + "\u{202F}%" : notFinite(share)
    }

    /// A number with about `digits` significant digits: "0.4821", "12.31", "1.25e9".
    static func number(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return notFinite(value) }
        if value == 0 { return "0" }
        let size = abs(value)
        if size >= 1e6 || size < 1e-4 { return scientific(value, digits: digits - 1) }
        let whole = Int(log10(size).rounded(.down))
        return fixed(value, min(6, max(0, digits - 1 - whole)))
    }

    /// 1234567 → "1,234,567".
    static func count(_ value: Int) -> String {
        var text = ""
        for (place, digit) in String(value.magnitude).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// 12_300_000 → "12.3 MB", in powers of 1,000.
    static func bytes(_ value: Double, isTick: Bool = false) -> String {
        guard value.isFinite else { return notFinite(value) }
        var (rest, unit) = (value, 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        while abs(rest) >= 999.5, unit < units.count - 1 {
            rest /= 1_000
            unit += 1
        }
        let text = unit == 0 ? fixed(rest, 0) : number(rest, digits: 3)
        return (isTick ? text.withoutTrailingZeros : text) + "\u{202F}" + units[unit]
    }

    /// Time in the two largest units that say something: "320 ms", "41.2 s", "12 min 30 s", "3 h 12 min", "2 d 3 h".
    static func seconds(_ value: Double, isTick: Bool = false) -> String {
        guard value.isFinite, value >= 0, value < 1e14 else { return number(value) + "\u{202F}s" }
        if value == 0 { return "0\u{202F}s" }
        if value < 59.95 {
            let text = value < 1 ? number(value * 1_000, digits: 3) : fixed(value, value < 10 ? 2 : 1)
            return (isTick ? text.withoutTrailingZeros : text) + (value < 1 ? "\u{202F}ms" : "\u{202F}s")
        }
        let total = Int(value.rounded())
        if total < 3_600 { return pair(total / 60, "min", total % 60, "s") }
        let minutes = Int((value / 60).rounded())
        if minutes < 1_440 { return pair(minutes / 60, "h", minutes % 60, "min") }
        let hours = Int((value / 3_600).rounded())
        return pair(hours / 24, "d", hours % 24, "h")
    }

    /// A tick of an axis with the given distance between ticks; nil for powers of ten.
    static func tick(_ value: Double, step: Double?) -> String {
        let size = abs(value)
        guard let step else {
            return size >= 1e-3 && size < 1e4 ? "\(Float(value))".withoutTrailingZeros : scientific(value, digits: 0)
        }
        if size < step * 1e-6 { return "0" }
        if size >= 1e6 || step < 1e-5 { return scientific(value, digits: 2) }
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        return decimals == 0 && size < 1e15 ? count(Int(value.rounded())) : fixed(value, decimals)
    }

    /// A number with the given decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        String(format: "%.\(max(0, decimals))f", value)
    }

    private static func pair(_ large: Int, _ unit: String, _ small: Int, _ part: String) -> String {
        let head = count(large) + "\u{202F}" + unit
        return small == 0 ? head : head + " \(small)\u{202F}" + part
    }

    private static func scientific(_ value: Double, digits: Int) -> String {
        let parts = String(format: "%.\(max(0, digits))e", value).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(value)" }
        return "\(parts[0])e\(exponent)"
    }

    private static func notFinite(_ value: Double) -> String {
        value.isNaN ? "NaN" : value > 0 ? "∞" : "-∞"
    }
}

extension String {
    /// "10.50" → "10.5", "10.00" → "10".
    fileprivate var withoutTrailingZeros: String {
        guard contains(".") else { return self }
        let kept = self[...(lastIndex { $0 != "0" } ?? startIndex)]
        return String(kept.hasSuffix(".") ? kept.dropLast() : kept)
    }
}
