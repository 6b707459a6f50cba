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
            guard count >= 32 else { continue }
            bytes.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, toByteOffset: place, as: UInt32.self)
            pending >>= 32
            count -= 32
            place += 4
        }
        while count > 0 {
            bytes[place] = UInt8(truncatingIfNeeded: pending)
            pending >>= 8
            count -= 8
            place += 1
        }
        return place
    }
}

/// Reads the bits of QSGD's levels. Behind the end there are zero bits, which are no level.
struct EliasReader {
    private let bytes: UnsafeRawBufferPointer
    /// The next bits, the lowest first, and how many of them were taken from the bytes.
    private var window: UInt64 = 0
    private var available = 0
    private var next = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Levels by the next 12 bits: the level in the upper byte, how many bits it takes in the lower; 0 where it takes more.
    private static let short: [UInt16] = (0..<4_096).map { bits in
        guard let (level, length) = level(in: UInt64(bits)), length <= 12 else { return 0 }
        return UInt16(UInt8(bitPattern: Int8(level))) << 8 | UInt16(length)
    }

    /// The level that bits begin with, and how many bits it takes; nil for bits that begin with none of up to 127.
    private static func level(in bits: UInt64) -> (level: Int, length: Int)? {
        let width = bits.trailingZeroBitCount
        guard width < 8 else { return nil }
        let number = 1 << width | Int(truncatingIfNeeded: bits >> UInt64(width + 1)) & (1 << width - 1)
        guard number > 1 else { return (0, 1) }
        let isNegative = bits >> UInt64(2 * width + 1) & 1 == 1
        return number > 128 ? nil : (isNegative ? 1 - number : number - 1, 2 * width + 2)
    }

    /// Reads levels and puts the numbers into place that a table has for them, level −128 first; the largest magnitude of a
    /// level, or nil if there were bits that are no level.
    mutating func read(_ table: UnsafePointer<Float>, into values: UnsafeMutableBufferPointer<Float>) -> Int? {
        Self.short.withUnsafeBufferPointer { short in
            var (largest, start) = (0, 0)
            while start < values.count {
                // Enough for three levels of 16 bits.
                refill()
                for place in start..<min(start + 3, values.count) {
                    let entry = short[Int(truncatingIfNeeded: window & 0xFFF)]
                    var (level, length) = (Int(Int8(truncatingIfNeeded: entry >> 8)), Int(entry & 0xFF))
                    if length == 0 {
                        guard let long = Self.level(in: window) else { return nil }
                        (level, length) = long
                    }
                    window >>= UInt64(length)
                    available -= length
                    largest = max(largest, abs(level))
                    values[place] = table[level + 128]
                }
                start += 3
            }
            return largest
        }
    }

    /// Whether all bytes were read, but for less than a byte of zero bits.
    var isAtEnd: Bool {
        let read = next * 8 - available
        return read <= bytes.count * 8 && read > (bytes.count - 1) * 8 && window == 0
    }

    /// Fills the window to at least 56 bits, of which those in front are there already.
    private mutating func refill() {
        if next + 8 <= bytes.count {
            let word: UInt64 = bytes.number(at: next)
            window |= word << UInt64(available)
            let count = (63 - available) / 8
            // What was read of the byte behind them is read again.
            next += count
            available += 8 * count
            window &= UInt64.max >> UInt64(64 - available)
            return
        }
        while available <= 56 {
            let byte: UInt8 = next < bytes.count ? bytes[next] : 0
            window |= UInt64(byte) << UInt64(available)
            available += 8
            next += 1
        }
    }
}
