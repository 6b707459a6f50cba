/// The bits of each of QSGD's levels.
struct EliasWords: Sendable {
    /// The bits of code c, which is level c − s, and how many there are.
    private let words: [(bits: UInt64, count: Int)]
    /// The most bits of a code.
    let longest: Int

    /// The bits of levels −s … s.
    init(magnitudeCount: Int) {
        words = (-magnitudeCount...magnitudeCount).map { level in
            let number = UInt64(level.magnitude + 1)
            let width = 63 - number.leadingZeroBitCount
            let gamma = 1 << UInt64(width) | (number & (1 << UInt64(width) - 1)) << UInt64(width + 1)
            guard level != 0 else { return (gamma, 1) }
            let sign: UInt64 = level < 0 ? 1 : 0
            return (gamma | sign << UInt64(2 * width + 1), 2 * width + 2)
        }
        longest = words.map(\.count).max() ?? 0
    }

    /// Writes codes into bytes that are zero, and returns how many bytes they took.
    func write(_ codes: ArraySlice<UInt8>, to bytes: UnsafeMutableRawBufferPointer) -> Int {
        var (pending, count, place) = (UInt64(0), 0, 0)
        for code in codes {
            let word = words[Int(code)]
            pending |= word.bits << UInt64(count)
            count += word.count
            while count >= 8 {
                bytes[place] = UInt8(truncatingIfNeeded: pending)
                pending >>= 8
                count -= 8
                place += 1
            }
        }
        if count > 0 {
            bytes[place] = UInt8(truncatingIfNeeded: pending)
            place += 1
        }
        return place
    }
}

/// Reads the bits of QSGD's levels. Behind the end there are zero bits, which are no level.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    /// The next bits, the lowest first, and how many of them were taken from the bytes.
    private var window: UInt64 = 0
    private var available = 0
    private var next = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next level, of at most `limit` (127) in magnitude; nil for bits that are none.
    mutating func level(limit: Int) -> (magnitude: Int, isNegative: Bool)? {
        if available < 16 { refill() }
        let width = window.trailingZeroBitCount
        guard width < 8 else { return nil }
        let number = 1 << width | Int(truncatingIfNeeded: window >> UInt64(width + 1)) & (1 << width - 1)
        let magnitude = number - 1
        guard magnitude <= limit else { return nil }
        let isNegative = magnitude > 0 && window >> UInt64(2 * width + 1) & 1 == 1
        let length = 2 * width + (magnitude > 0 ? 2 : 1)
        window >>= UInt64(length)
        available -= length
        return (magnitude, isNegative)
    }

    /// Whether all bytes were read, but for less than a byte of zero bits.
    var isAtEnd: Bool {
        let read = next * 8 - available
        return read <= bytes.count * 8 && read > (bytes.count - 1) * 8 && window == 0
    }

    private mutating func refill() {
        while available <= 56 {
            let byte: UInt8 = next < bytes.count ? bytes[next] : 0
            window |= UInt64(byte) << UInt64(available)
            available += 8
            next += 1
        }
    }
}
