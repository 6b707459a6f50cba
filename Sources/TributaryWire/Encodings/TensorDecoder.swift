public import TributaryCore

/// Reads the numbers of a blob chunk by chunk, however it is cut, into a buffer that is there already.
///
/// ```swift
/// var decoder = TensorDecoder(encoding: .float16, count: weights.count)
/// for try await chunk in body { try decoder.decode(chunk, into: &weights) }
/// try decoder.finish()
/// ```
public struct TensorDecoder: Sendable {
    /// Bytes that are not the numbers that were expected.
    public enum LengthError: Error, Hashable, Sendable, CustomStringConvertible {
        /// There are more bytes than the numbers take.
        case tooLong(expected: Int)
        /// The bytes ended before the numbers did.
        case tooShort(expected: Int, arrived: Int)

        /// One line.
        public var description: String {
            switch self {
            case .tooLong(let expected): "more bytes arrived than the \(expected) that the tensors take"
            case .tooShort(let expected, let arrived):
                "\(arrived) bytes arrived; the tensors take \(expected)"
            }
        }
    }

    /// How the numbers are written.
    public let encoding: TensorEncoding
    /// How many there are.
    public let count: Int
    /// How many have been read.
    public private(set) var decodedCount = 0

    /// The first bytes of a number that a chunk cut in two: fewer than it takes.
    private var carried: [UInt8] = []

    /// A decoder of so many numbers.
    public init(encoding: TensorEncoding, count: Int) {
        self.encoding = encoding
        self.count = count
    }

    /// Reads a chunk into its place among the values, of which there are `count`. Throws if it is too long, having read
    /// none of it.
    public mutating func decode(
        _ chunk: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>
    ) throws(LengthError) {
        precondition(values.count == count, "a buffer of another length than the decoder's")
        let width = encoding.bytesPerElement
        let bytesLeft = (count - decodedCount) * width - carried.count
        guard chunk.count <= bytesLeft else { throw .tooLong(expected: count * width) }
        var rest = chunk
        if !carried.isEmpty {
            let missing = rest.prefix(width - carried.count)
            carried.append(contentsOf: missing)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(missing.count))
            guard carried.count == width else { return }
            carried.withUnsafeBytes { encoding.decode($0, into: Self.places(values, decodedCount, 1)) }
            decodedCount += 1
            carried.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / width
        encoding.decode(
            UnsafeRawBufferPointer(rebasing: rest.prefix(whole * width)),
            into: Self.places(values, decodedCount, whole))
        decodedCount += whole
        carried.append(contentsOf: rest.dropFirst(whole * width))
    }

    /// Reads a chunk into its place among the values, of which there are `count`. Throws if it is too long.
    public mutating func decode(_ chunk: some Collection<UInt8>, into values: inout [Float]) throws(LengthError) {
        var failure: LengthError?
        func read(_ bytes: UnsafeRawBufferPointer) {
            values.withUnsafeMutableBufferPointer { places in
                do throws(LengthError) { try decode(bytes, into: places) } catch { failure = error }
            }
        }
        if chunk.withContiguousStorageIfAvailable({ read(UnsafeRawBufferPointer($0)) }) == nil {
            Array(chunk).withUnsafeBytes(read)
        }
        if let failure { throw failure }
    }

    /// The bytes have ended. Throws if there were too few.
    public func finish() throws(LengthError) {
        let width = encoding.bytesPerElement
        guard decodedCount == count else {
            throw .tooShort(expected: count * width, arrived: decodedCount * width + carried.count)
        }
    }

    private static func places(
        _ values: UnsafeMutableBufferPointer<Float>, _ start: Int, _ count: Int
    ) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: values[start..<(start + count)])
    }
}
