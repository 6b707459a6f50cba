import Foundation

/// Maps figures to places along an axis: 0 at its start, 1 at its end. Ticks are round numbers.
struct Scale {
    let lower: Double
    let upper: Double
    let isLogarithmic: Bool
    let ticks: [Double]
    /// The distance between ticks, which tells how many decimals their labels need.
    let step: Double

    /// Where the value lies; values outside are put on the nearer end. Not for values that are not finite.
    func place(_ value: Double) -> Double {
        let share: Double
        if isLogarithmic {
            share = (log10(max(value, lower)) - log10(lower)) / (log10(upper) - log10(lower))
        } else {
            share = (value - lower) / (upper - lower)
        }
        return min(1, max(0, share))
    }

    private init(lower: Double, upper: Double, isLogarithmic: Bool = false, ticks: [Double], step: Double) {
        (self.lower, self.upper, self.isLogarithmic) = (lower, upper, isLogarithmic)
        (self.ticks, self.step) = (ticks, step)
    }
}

extension Scale {
    /// What a figure measures, as far as its axis is concerned.
    enum Kind {
        /// A share in 0 ... 1.
        case share
        /// A number of things, clients or bytes: not negative, counted from zero.
        case amount
        /// Any number whose size may run over powers of ten: losses, norms.
        case magnitude
    }

    /// The largest value a chart shows; what is beyond counts as not finite. Keeps all arithmetic here finite.
    static let largest = 1e300

    /// Distances below this count as none, for the same reason.
    private static let smallest = 1e-290

    static func isShown(_ value: Double) -> Bool { abs(value) <= largest }

    /// A scale that covers all the values that can be shown.
    static func covering(_ values: some Sequence<Double>, _ kind: Kind, tickCount: Int = 5) -> Scale {
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where isShown(value) { (low, high) = (min(low, value), max(high, value)) }
        if low > high { (low, high) = (0, 1) }
        switch kind {
        case .share: return share(low, high, tickCount)
        case .amount: return linear(min(0, low), high, tickCount, smallestStep: 1)
        case .magnitude:
            if low > smallest, high / low > 100 { return logarithmic(low, high) }
            return linear(low >= 0 && low < 0.4 * high ? 0 : low, high, tickCount)
        }
    }

    /// Rounds `first ... last`, each one unit wide, so that lines and bars of the same round meet.
    static func rounds(_ first: Int, _ last: Int, tickCount: Int) -> Scale {
        let (low, high) = (Double(first) - 0.5, Double(max(first, last)) + 0.5)
        let step = max(1, niceStep((high - low) / Double(tickCount)))
        var ticks = multiples(of: step, in: low...high)
        let start = Double(first)
        if let next = ticks.first, next - start > 0.6 * step { ticks.insert(start, at: 0) }
        return Scale(lower: low, upper: high, ticks: ticks, step: step)
    }

    /// Time from 0, with ticks at round seconds, minutes, hours or days. Up the page it ends at a tick, along the page
    /// where the time ends.
    static func time(upTo last: Double, tickCount: Int, endsAtTick: Bool = false) -> Scale {
        let high = last > smallest && isShown(last) ? last : 1
        let raw = high / Double(tickCount)
        let (minute, hour, day) = (60.0, 3_600.0, 86_400.0)
        let steps =
            [1, 2, 5, 10, 15, 30] + [1, 2, 5, 10, 15, 30].map { $0 * minute } + [1, 2, 3, 6, 12].map { $0 * hour }
        let step = raw <= 0.5 ? niceStep(raw) : steps.first { $0 >= raw } ?? niceStep(raw / day) * day
        let upper = endsAtTick ? (high / step - 1e-9).rounded(.up) * step : high
        return Scale(lower: 0, upper: upper, ticks: multiples(of: step, in: 0...upper), step: step)
    }

    /// Amounts from 0 to exactly the last one.
    static func amount(upTo last: Double, tickCount: Int) -> Scale {
        let high = last > smallest && isShown(last) ? last : 1
        let step = niceStep(high / Double(tickCount))
        return Scale(lower: 0, upper: high, ticks: multiples(of: step, in: 0...high), step: step)
    }

    private static func share(_ low: Double, _ high: Double, _ tickCount: Int) -> Scale {
        guard low >= 0, high <= 1 else { return linear(low, high, tickCount) }
        let scale = linear(high - low > 0.5 ? 0 : low, high, tickCount)
        let (lower, upper) = (max(0, scale.lower), min(1, scale.upper))
        return Scale(
            lower: lower, upper: upper, ticks: scale.ticks.filter { (lower...upper).contains($0) }, step: scale.step)
    }

    private static func linear(
        _ low: Double, _ high: Double, _ tickCount: Int, smallestStep: Double = 0
    ) -> Scale {
        var (low, high) = (low, high)
        if high - low <= max(smallest, abs(high) * 1e-9) {
            let margin = abs(high) <= smallest ? 1 : abs(high) * 0.1
            (low, high) = (low == 0 ? 0 : low - margin, high + margin)
        }
        let step = max(smallestStep, niceStep((high - low) / Double(tickCount)))
        let lower = (low / step + 1e-9).rounded(.down) * step
        let upper = (high / step - 1e-9).rounded(.up) * step
        return Scale(lower: lower, upper: upper, ticks: multiples(of: step, in: lower...upper), step: step)
    }

    private static func logarithmic(_ low: Double, _ high: Double) -> Scale {
        let (first, last) = (Int(log10(low).rounded(.down)), Int(log10(high).rounded(.up)))
        let every = max(1, (last - first + 5) / 6)
        let ticks = stride(from: first, through: last, by: every).map { pow(10, Double($0)) }
        return Scale(
            lower: pow(10, Double(first)), upper: pow(10, Double(last)), isLogarithmic: true, ticks: ticks, step: 1)
    }

    /// The smallest of 1, 2, 5 times a power of ten that is not below the given distance.
    private static func niceStep(_ distance: Double) -> Double {
        guard distance > 1e-300 else { return 1e-300 }
        let power = pow(10, log10(distance).rounded(.down))
        return ([1, 2, 5].first { $0 * power >= distance * 0.999 } ?? 10) * power
    }

    private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
        let first = (range.lowerBound / step - 1e-6).rounded(.up)
        let last = (range.upperBound / step + 1e-6).rounded(.down)
        guard last >= first, last - first < 100 else { return [] }
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }
}
