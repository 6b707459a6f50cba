public import TributaryCore
public import TributaryMath

extension UpdateEncoding {
    /// The most coordinates of an update: as many as a blob of single-precision numbers can have.
    public static let coordinateLimit = 1 << 38

    /// The least and the most bytes that an update of so many coordinates takes.
    public func byteCounts(of count: Int) -> ClosedRange<Int> {
        precondition((0...Self.coordinateLimit).contains(count), "an update of an impossible number of coordinates")
        return codec(count: count).byteCounts(of: count)
    }

    /// The update as bytes. What is rounded or chosen at random follows from the stream.
    ///
    /// Numbers that are not finite are refused, but for plain encodings: they write what they are given, and their readers
    /// refuse it.
    public func encoded(
        _ update: [Float], random: inout RandomStream
    ) throws(UpdateEncodingError) -> [UInt8] {
        let codec = codec(count: update.count)
        var message = MessageBytes(capacity: codec.byteCounts(of: update.count).lowerBound)
        var failure: UpdateEncodingError?
        update.withUnsafeBufferPointer { update in
            do throws(UpdateEncodingError) {
                try codec.encode(update, random: &random, to: &message)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return message.bytes
    }

    /// The update of so many coordinates that bytes are.
    public func decoded(_ bytes: [UInt8], count: Int) throws(UpdateFormatError) -> [Float] {
        var decoder = try UpdateDecoder(self, count: count, byteCount: bytes.count)
        var failure: UpdateFormatError?
        let values = [Float](unsafeUninitializedCapacity: count) { values, initialised in
            bytes.withUnsafeBytes { bytes in
                do throws(UpdateFormatError) {
                    while let wanted = decoder.wantedByteCount {
                        let rest = UnsafeMutableBufferPointer(rebasing: values[initialised..<count])
                        let range = try decoder.take(
                            bytes.part(decoder.position..<decoder.position + wanted), into: rest)
                        initialised += range?.count ?? 0
                    }
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return values
    }
}
