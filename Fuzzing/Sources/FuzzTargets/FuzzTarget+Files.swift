import Foundation
import TributaryCore
import TributaryLearning
import TributaryWire

extension FuzzTarget {
    static let files: [FuzzTarget] = [
        FuzzTarget("safetensors", seeds: safetensors) { _ = try? Safetensors(decoding: Data($0)) },
        FuzzTarget("gzip", seeds: gzip) { _ = try? Gzip.inflate($0, source: "x", limit: 1 << 20) },
        FuzzTarget(
            "idx", seeds: [[0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3], [0, 0, 12, 1, 0, 0, 0, 1, 0, 0, 0, 9]]
        ) {
            _ = try? IDX($0, source: "x")
        },
        FuzzTarget("csv", seeds: [Array("a,b,\"c \"\"d\"\"\"\n1,2,x\n3,,\"y\nz\"\n".utf8)]) {
            guard let text = try? DelimitedText($0, delimiter: 0x2c, source: "x") else { return }
            for row in 0..<text.rowCount {
                for column in 0..<text.columnCount { _ = text.string(row, column) }
            }
        },
        FuzzTarget("tensors", seeds: [[0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]) { bytes in
            guard bytes.count >= 2 else { return }
            let encodings = TensorEncoding.allCases
            let encoding = encodings[Int(bytes[0]) % encodings.count]
            let count = Int(bytes[1]) % 16
            var values = [Float](repeating: 0, count: count)
            var decoder = TensorDecoder(encoding: encoding, count: count)
            let step = 1 + Int(bytes[0]) / 64
            var rest = bytes.dropFirst(2)
            while !rest.isEmpty {
                guard (try? decoder.decode(rest.prefix(step), into: &values)) != nil else { return }
                rest = rest.dropFirst(step)
            }
            guard (try? decoder.finish()) != nil else { return }
            precondition(
                encoding.encoded(values) == Array(bytes.dropFirst(2)), "tensors did not come back as they were")
        },
    ]

    private static let safetensors: [[UInt8]] = {
        let layout = TensorLayout([(name: "a", shape: [2, 2]), (name: "b", shape: [3])])
        let file = Safetensors(weights: Weights(zeros: layout), metadata: ["k": "v"])
        return [(try? file.encoded()).map(Array.init) ?? []]
    }()

    /// A letter and a line feed, stored without compression.
    private static let gzip: [[UInt8]] = [
        [
            0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 0, 0xfd, 0xff, 0x61, 0x0a, 0x07, 0xa1, 0xea, 0xdd, 2, 0, 0, 0,
        ]
    ]
}
