/// Virtual time in nanoseconds.
typealias Nanoseconds = Int64

extension Nanoseconds {
    /// So many seconds, at most 30 years.
    static func seconds(_ seconds: Double) -> Nanoseconds {
        Nanoseconds(Swift.min(Swift.max(seconds, 0), 1e9) * 1e9)
    }
}
