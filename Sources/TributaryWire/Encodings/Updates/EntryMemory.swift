import TributaryCore

/// A block's entries as they are written.
struct EntryMemory {
    /// The entries' places, at the front.
    var places = [UInt16](repeating: 0, count: UpdateEncoding.blockLength + 1)
    /// Their values.
    private(set) var values: [Float] = []

    /// Takes the numbers at the first `count` places, each times a factor.
    mutating func take(_ block: UnsafeBufferPointer<Float>, at count: Int, times factor: Double = 1) {
        values.removeAll(keepingCapacity: true)
        for place in places[..<count] { values.append(Float(Double(block[Int(place)]) * factor)) }
    }

    /// Rounds the values to a format; false if one is beyond it.
    mutating func round(to encoding: TensorEncoding) -> Bool {
        if encoding != .float32, let rounded = encoding.decoded(encoding.encoded(values)) { values = rounded }
        return values.allSatisfy(\.isFinite)
    }

    /// Leaves out entries that are zero.
    mutating func dropZeros() {
        var kept = 0
        for entry in values.indices where values[entry] != 0 {
            places[kept] = places[entry]
            values[kept] = values[entry]
            kept += 1
        }
        values.removeLast(values.count - kept)
    }

    /// Writes the entries of a block of so many coordinates.
    func write(of blockCount: Int, as encoding: TensorEncoding, withPlaces: Bool, to message: inout MessageBytes) {
        if withPlaces {
            let form = SparsePlaces(entryCount: values.count, of: blockCount)
            let size = SparsePlaces.byteCount(entryCount: values.count, of: blockCount)
            message.append(zeros: size) { bytes in
                places.withUnsafeBufferPointer {
                    SparseEntries.write(UnsafeBufferPointer(rebasing: $0[..<values.count]), as: form, to: bytes)
                }
            }
        }
        message.append(zeros: values.count * encoding.bytesPerElement) { bytes in
            values.withUnsafeBufferPointer { encoding.encode($0, into: bytes) }
        }
    }
}

extension UnsafeMutableBufferPointer {
    /// The first places.
    func prefixBuffer(_ count: Int) -> UnsafeMutableBufferPointer {
        UnsafeMutableBufferPointer(rebasing: self[..<count])
    }
}
