/// CRC-32C (Castagnoli polynomial, reflected; RFC 3720 appendix B.4), a byte at a time by table.
package enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? crc &>> 1 ^ 0x82F6_3B78 : crc &>> 1 }
    }

    /// The checksum of the bytes.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in crc &>> 8 ^ table[Int((crc ^ UInt32(byte)) & 0xFF)] }
    }

    /// The checksum as TFRecord files store it: turned and offset, so that data with checksums inside keeps checking well.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = checksum(bytes)
        return (crc &>> 15 | crc &<< 17) &+ 0xA282_EAD8
    }
}
