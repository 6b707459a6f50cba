import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

@Suite struct SafetensorsTests {
    @Test(arguments: TestSeeds.first(30))
    func aFileReadsBackAsWritten(seed: Seed) throws {
        let file = Self.random(seed)
        let bytes = try file.encoded()
        #expect(try Safetensors(decoding: bytes) == file)
        #expect(try file.encoded() == bytes)
    }

    @Test func theBytesAreThoseOfTheFormat() throws {
        let layout = TensorLayout([(name: "a", shape: [2]), (name: "b", shape: [1, 1])])
        let bytes = try Safetensors(
            weights: Weights(layout: layout, values: [1, -2, 0.5]), metadata: ["k": "v"]
        ).encoded()
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"data_offsets":[0,8],"dtype":"F32","shape":[2]},"#
            + #""b":{"data_offsets":[8,12],"dtype":"F32","shape":[1,1]}}"#
        let padding = (8 - header.utf8.count % 8) % 8
        let length = UInt8(header.utf8.count + padding)
        let expected =
            Data([length, 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8) + Data(repeating: 0x20, count: padding)
            + Data([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F])
        #expect(bytes == expected)
    }

    @Test(arguments: TestSeeds.first(20))
    func damagedBytesAreRefusedAndNeverTrap(seed: Seed) throws {
        var stream = seed.stream()
        let bytes = try Self.random(seed).encoded()
        for _ in 0..<200 {
            let cut = bytes.prefix(stream.uniform(below: bytes.count))
            #expect(throws: Safetensors.FormatError.self) { try Safetensors(decoding: cut) }
            var flipped = bytes
            flipped[stream.uniform(below: min(bytes.count, 200))] ^= UInt8(1 << stream.uniform(below: 8))
            _ = try? Safetensors(decoding: flipped)
            let noise = Data((0..<stream.uniform(below: 100)).map { _ in UInt8(truncatingIfNeeded: stream.next()) })
            #expect(throws: Safetensors.FormatError.self) { try Safetensors(decoding: noise) }
        }
    }

    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
        #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"[]"#, #"{"a":3}"#, "",
    ])
    func headersThatLieAreRefused(header: String) {
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        bytes += Data(header.utf8) + Data([0, 0, 0, 0])
        #expect(throws: Safetensors.FormatError.self) { try Safetensors(decoding: bytes) }
    }

    private static func random(_ seed: Seed) -> Safetensors {
        var stream = seed.stream()
        let tensors = (0..<(1 + stream.uniform(below: 4))).map { index in
            (
                name: "layer\(index).weight",
                shape: (0..<stream.uniform(below: 3)).map { _ in 1 + stream.uniform(below: 5) }
            )
        }
        let layout = TensorLayout(tensors)
        let values = (0..<layout.count).map { _ in Float(stream.normal()) }
        return Safetensors(weights: Weights(layout: layout, values: values), metadata: ["note": "é \"quoted\" \n"])
    }
}
