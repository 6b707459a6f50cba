import TributaryCore

/// How the places of a block's entries are written: whichever of the two is shorter, the list if neither is.
enum SparsePlaces {
    /// Each as two bytes, ascending.
    case list
    /// A bit for each of the block's coordinates, the lowest bit of the first byte for the first.
    case bitmap

    /// How so many entries of a block are written.
    init(entryCount: Int, of blockCount: Int) {
        self = 2 * entryCount <= (blockCount + 7) / 8 ? .list : .bitmap
    }

    /// The bytes they take.
    static func byteCount(entryCount: Int, of blockCount: Int) -> Int {
        min(2 * entryCount, (blockCount + 7) / 8)
    }
}

/// Entries of a block as they are put into place.
enum SparseEntries {
    /// Sets all of a block's values to zero but for those at the given places.
    static func scatter(
        _ entries: UnsafeBufferPointer<Float>, to places: UnsafePointer<UInt16>,
        into values: UnsafeMutableBufferPointer<Float>
    ) {
        values.update(repeating: 0)
        for entry in entries.indices { values[Int(places[entry])] = entries[entry] }
    }

    /// Reads places; nil unless they are ascending within the block and as many as there is room for.
    static func readPlaces(
        _ bytes: UnsafeRawBufferPointer, as form: SparsePlaces, of blockCount: Int,
        into places: UnsafeMutableBufferPointer<UInt16>
    ) -> Bool {
        switch form {
        case .list:
            var last = -1
            for entry in places.indices {
                let place: UInt16 = bytes.number(at: 2 * entry)
                guard Int(place) > last, Int(place) < blockCount else { return false }
                places[entry] = place
                last = Int(place)
            }
            return true
        case .bitmap:
            var count = 0
            for (index, byte) in bytes.enumerated() {
                var rest = byte
                while rest != 0 {
                    let place = 8 * index + rest.trailingZeroBitCount
                    guard count < places.count, place < blockCount else { return false }
                    places[count] = UInt16(place)
                    count += 1
                    rest &= rest - 1
                }
            }
            return count == places.count
        }
    }

    /// Writes ascending places into bytes that are zero.
    static func write(
        _ places: UnsafeBufferPointer<UInt16>, as form: SparsePlaces, to bytes: UnsafeMutableRawBufferPointer
    ) {
        for (entry, place) in places.enumerated() {
            switch form {
            case .list: bytes.storeBytes(of: place.littleEndian, toByteOffset: 2 * entry, as: UInt16.self)
            case .bitmap: bytes[Int(place) / 8] |= 1 << UInt8(place % 8)
            }
        }
    }
}
