public import TributaryCore

/// Numbers as the bytes of a blob, any stretch of which can be had without making the rest: how an upload is sent in
/// chunks and goes on in the middle.
public struct TensorBytes: Sendable {
    /// The numbers.
    public let values: [Float]
    /// How they are written.
    public let encoding: TensorEncoding

    /// The bytes of the given numbers. Nothing is copied.
    public init(_ values: [Float], encoding: TensorEncoding) {
        self.values = values
        self.encoding = encoding
    }

    /// The number of bytes.
    public var count: Int { values.count * encoding.bytesPerElement }

    /// A stretch of the bytes, within `0 ..< count`.
    public subscript(range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a stretch beyond the bytes")
        return [UInt8](unsafeUninitializedCapacity: range.count) { bytes, initialised in
            write(
                range,
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[..<range.count]))
            initialised = range.count
        }
    }

    /// Writes a stretch of the bytes into a buffer of its length.
    public func write(_ range: Range<Int>, into bytes: UnsafeMutableRawBufferPointer) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a stretch beyond the bytes")
        precondition(bytes.count == range.count, "a buffer of another length than the stretch")
        let width = encoding.bytesPerElement
        // Whole numbers in the middle; at either end perhaps part of one.
        let firstWhole = (range.lowerBound + width - 1) / width
        let endWhole = max(range.upperBound / width, firstWhole)
        let head = range.lowerBound..<min(firstWhole * width, range.upperBound)
        let tail = min(endWhole * width, range.upperBound)..<range.upperBound
        values.withUnsafeBufferPointer { values in
            writePart(head, of: values, into: bytes, from: range.lowerBound)
            if firstWhole < endWhole {
                encoding.encode(
                    UnsafeBufferPointer(rebasing: values[firstWhole..<endWhole]),
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: bytes[(head.count)..<(head.count + (endWhole - firstWhole) * width)]))
            }
            writePart(tail, of: values, into: bytes, from: range.lowerBound)
        }
    }

    /// Writes bytes that all belong to one number.
    private func writePart(
        _ range: Range<Int>, of values: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer,
        from start: Int
    ) {
        guard !range.isEmpty else { return }
        let place = range.lowerBound / encoding.bytesPerElement
        let whole = encoding.encoded([values[place]])
        for byte in range { bytes[byte - start] = whole[byte - place * encoding.bytesPerElement] }
    }
}
