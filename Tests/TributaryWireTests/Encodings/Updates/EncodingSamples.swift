import Testing
import TributaryCore
import TributaryMath
import TributaryWire

/// Encodings of every kind, and updates to put through them.
enum EncodingSamples {
    static let names = [
        "f32", "f16", "bf16", "klevel:2", "klevel:3", "klevel:16", "klevel:256:bucket=64", "klevel:5:rotated",
        "klevel:16:rotated:bucket=128", "qsgd:2", "qsgd:4", "qsgd:8:bucket=64", "qsgd:2:elias", "qsgd:4:elias",
        "qsgd:8:elias:bucket=64", "topk:0.001", "topk:0.05:f16", "topk:0.3:bf16", "topk:1", "randk:0.05",
        "randk:0.2:contractive:f16", "randk:1", "drive", "drive:contractive:bucket=64", "eden:1", "eden:2",
        "eden:3:contractive", "eden:4:bucket=256",
    ]

    /// Lengths around those of words, buckets and blocks.
    static let counts = [
        0, 1, 2, 3, 63, 64, 65, 127, 511, 512, 513, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 70_001, 131_077,
    ]

    static func normal(_ count: Int, _ seed: Seed, deviation: Double = 0.01) -> [Float] {
        var stream = seed.derived("update").stream()
        return (0..<count).map { _ in Float(stream.normal(mean: 0, deviation: deviation)) }
    }

    static func encode(_ update: [Float], _ encoding: UpdateEncoding, _ seed: Seed) throws -> [UInt8] {
        var stream = seed.derived("encode").stream()
        return try encoding.encoded(update, random: &stream)
    }

    /// ‖v̂ − v‖² / ‖v‖².
    static func error(_ decoded: [Float], _ update: [Float]) -> Double {
        CompressionReport(update, byteCount: 0, decoded: decoded).relativeError
    }
}
