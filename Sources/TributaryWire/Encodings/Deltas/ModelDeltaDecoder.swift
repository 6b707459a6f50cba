import TributaryGzip

/// Makes the new model of the old one and their `ModelDelta`, chunk by chunk, however the message is cut.
///
/// Total: any bytes give a model of the expected length or an error. That it is the right one only its digest shows, because
/// a flipped bit may well be a difference, too. No more than a block is held: about twice 65536 numbers.
///
/// ```swift
/// var decoder = ModelDeltaDecoder(byteCount: model.byteCount, bytesPerElement: 4)
/// try decoder.decode(chunk, old: { offset, space in read(offset, space) }, new: { hash.update(bufferPointer: $0) })
/// try decoder.finish()
/// ```
public struct ModelDeltaDecoder: Sendable {
    private enum Part: Hashable, Sendable {
        case header, planeLength
        case plane(Int)
        case end
    }

    /// The bytes of either model.
    public let byteCount: Int
    /// The bytes of a number.
    public let bytesPerElement: Int
    private var part = Part.header
    /// The bytes of the part that have arrived.
    private var pending: [UInt8] = []
    /// The planes of the block at hand.
    private var planes: [UInt8] = []
    private var nextPlane = 0
    /// Where the block at hand begins in the model.
    private var offset = 0

    /// A decoder for models of a known length.
    ///
    /// - Parameters:
    ///   - byteCount: the length of either model, a multiple of `bytesPerElement`.
    ///   - bytesPerElement: the bytes of a number: 1, 2, 4 or 8.
    public init(byteCount: Int, bytesPerElement: Int) {
        precondition(
            ModelDelta.allows(byteCount: byteCount, bytesPerElement: bytesPerElement), "no whole number of elements")
        (self.byteCount, self.bytesPerElement) = (byteCount, bytesPerElement)
    }

    /// Reads a chunk of the message.
    ///
    /// - Parameters:
    ///   - old: fills a buffer with the old model's bytes from an offset on.
    ///   - new: takes the next bytes of the new model.
    /// - Throws: an error after which the decoder is of no use any more.
    public mutating func decode(
        _ chunk: UnsafeRawBufferPointer, old: ModelDelta.Reading<Never>, new: (UnsafeRawBufferPointer) -> Void
    ) throws(ModelDeltaError) {
        var rest = chunk
        while !rest.isEmpty {
            let missing = try wantedByteCount() - pending.count
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(missing))
            pending.append(contentsOf: piece)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            guard piece.count == missing else { return }
            try readPart(old: old, new: new)
            pending.removeAll(keepingCapacity: true)
        }
    }

    /// The message has ended. Throws if it is not whole.
    public func finish() throws(ModelDeltaError) {
        guard part == .end else { throw ModelDeltaError("it ends after \(offset) of the model's \(byteCount) bytes") }
    }

    private func wantedByteCount() throws(ModelDeltaError) -> Int {
        switch part {
        case .header: return ModelDelta.headerByteCount
        case .planeLength: return 4
        case .plane(let count): return count
        case .end: throw ModelDeltaError("it goes on after the model's end")
        }
    }

    private mutating func readPart(
        old: ModelDelta.Reading<Never>, new: (UnsafeRawBufferPointer) -> Void
    ) throws(ModelDeltaError) {
        switch part {
        case .header: try readHeader()
        case .planeLength:
            let length = Int(pending.number(at: 0, of: UInt32.self))
            guard length <= blockLength else { throw ModelDeltaError("a plane is longer than its block") }
            if length > 0 {
                part = .plane(length)
            } else {
                fillPlane { $0.initializeMemory(as: UInt8.self, repeating: 0) }
                endPlane(old: old, new: new)
            }
        case .plane(let length):
            let bytes = pending
            let isSound = fillPlane { space in
                bytes.withUnsafeBytes { bytes in
                    guard length == space.count else { return Deflate.unpack(bytes, into: space) }
                    space.copyMemory(from: bytes)
                    return true
                }
            }
            guard isSound else { throw ModelDeltaError("a plane is no deflate of its length") }
            endPlane(old: old, new: new)
        case .end: preconditionFailure("a part after the end")
        }
    }

    private mutating func readHeader() throws(ModelDeltaError) {
        guard pending.prefix(4).elementsEqual(ModelDelta.magic) else {
            throw ModelDeltaError("it does not begin as a difference of models does")
        }
        guard pending.number(at: 4, of: UInt32.self) == UInt32(bytesPerElement),
            pending.number(at: 8, of: UInt64.self) == UInt64(byteCount)
        else { throw ModelDeltaError("it is for models of another length") }
        beginBlock()
    }

    /// Numbers in the block at hand.
    private var blockLength: Int { min(ModelDelta.blockLength, (byteCount - offset) / bytesPerElement) }

    private mutating func beginBlock() {
        nextPlane = 0
        part = offset == byteCount ? .end : .planeLength
        let count = blockLength * bytesPerElement
        if planes.count != count { planes = [UInt8](repeating: 0, count: count) }
    }

    @discardableResult
    private mutating func fillPlane<Result>(_ fill: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        let count = blockLength
        let start = nextPlane * count
        return planes.withUnsafeMutableBytes {
            fill(UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + count]))
        }
    }

    private mutating func endPlane(old: ModelDelta.Reading<Never>, new: (UnsafeRawBufferPointer) -> Void) {
        nextPlane += 1
        part = .planeLength
        guard nextPlane == bytesPerElement else { return }
        let (width, count) = (bytesPerElement, blockLength)
        var model = [UInt8](repeating: 0, count: planes.count)
        model.withUnsafeMutableBytes { model in
            old(offset, model)
            planes.withUnsafeBytes { planes in
                for plane in 0..<width {
                    for index in 0..<count { model[index &* width &+ plane] ^= planes[plane &* count &+ index] }
                }
            }
            new(UnsafeRawBufferPointer(model))
        }
        offset += planes.count
        beginBlock()
    }
}

extension ModelDelta {
    /// The new model, made of the old one and a whole message; throws if the message is no difference of models of this length.
    public static func applied(
        _ message: [UInt8], to old: [UInt8], bytesPerElement: Int
    ) throws(ModelDeltaError) -> [UInt8] {
        var decoder = ModelDeltaDecoder(byteCount: old.count, bytesPerElement: bytesPerElement)
        var model: [UInt8] = []
        let failure = message.withUnsafeBytes { message -> ModelDeltaError? in
            do throws(ModelDeltaError) {
                try decoder.decode(
                    message,
                    old: { offset, space in space.copyBytes(from: old[offset..<offset + space.count]) },
                    new: { model.append(contentsOf: $0) })
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        try decoder.finish()
        return model
    }
}

extension [UInt8] {
    fileprivate func number<Number: FixedWidthInteger>(at place: Int, of type: Number.Type) -> Number {
        withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self)) }
    }
}
