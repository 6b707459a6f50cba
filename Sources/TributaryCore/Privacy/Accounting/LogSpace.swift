import Foundation

/// Functions of numbers that are given, or wanted, as their logarithms.
enum LogSpace {
    /// log(1 + exp(x)).
    static func onePlusExp(_ x: Double) -> Double {
        x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
    }

    /// log(exp(x) − 1) for x ≥ 0.
    static func expMinusOne(_ x: Double) -> Double {
        x > 30 ? x + log1p(-exp(-x)) : log(expm1(x))
    }

    /// log(erfc(x) / 2): the logarithm of the normal distribution's tail beyond x√2.
    static func halfErfc(_ x: Double) -> Double {
        x <= 0 ? log(0.5 * erfc(x)) : halfErfcScaled(x) - x * x
    }

    /// log(exp(x²) erfc(x) / 2) for x ≥ 0.
    static func halfErfcScaled(_ x: Double) -> Double {
        guard x > 4 else { return log(0.5 * erfc(x)) + x * x }
        // The continued fraction x + ½/(x + 1/(x + 3/2/(x + …))), from its end; from 4 on this many levels are enough.
        var fraction = x
        for level in stride(from: 48, through: 1, by: -1) { fraction = x + Double(level) / 2 / fraction }
        return -log(2 * fraction * Double.pi.squareRoot())
    }
}

/// A sum of numbers given by their logarithms and signs.
struct SignedLogSum {
    /// The sum is exp(`logScale`) · (`total` + `correction`); the correction is what rounding took off the total.
    private var logScale = -Double.infinity
    private var total = 0.0
    private var correction = 0.0

    /// Adds ±exp(logMagnitude).
    mutating func add(logMagnitude: Double, isNegative: Bool = false) {
        guard logMagnitude > -.infinity else { return }
        if logMagnitude > logScale {
            let shrink = exp(logScale - logMagnitude)
            total *= shrink
            correction *= shrink
            logScale = logMagnitude
        }
        let magnitude = exp(logMagnitude - logScale)
        let term = isNegative ? -magnitude : magnitude
        let next = total + term
        correction += abs(total) >= abs(term) ? (total - next) + term : (term - next) + total
        total = next
    }

    /// Adds `factor` · exp(logMagnitude).
    mutating func add(_ factor: Double, times logMagnitude: Double) {
        add(logMagnitude: log(abs(factor)) + logMagnitude, isNegative: factor < 0)
    }

    /// The logarithm of the sum. One that is not above zero, as rounding may leave it, counts as zero: −∞.
    var logValue: Double {
        let value = total + correction
        return value > 0 ? logScale + log(value) : -.infinity
    }
}
