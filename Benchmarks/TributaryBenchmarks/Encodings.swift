import Benchmark
import TributaryCore
import TributaryMath
import TributaryWire

/// Writing and reading updates of ten million parameters in every kind of encoding, beside reading them once.
func measureEncodings() {
    let count = 10_000_000
    let metrics: [BenchmarkMetric] = [.wallClock, .cpuTotal, .peakMemoryResident, rate]
    Benchmark("Read 10 M parameters once", configuration: .init(metrics: metrics)) { benchmark, update in
        measureUpdate(benchmark, count) {
            blackHole(update.values.withUnsafeBufferPointer { $0.reduce(UInt32(0)) { $0 &+ $1.bitPattern } })
        }
    } setup: {
        EncodedUpdate(UpdateEncoding(.float32), count: count)
    }
    for encoding in EncodingFamily.all.flatMap(\.examples) {
        Benchmark("Encode 10 M parameters, \(encoding)", configuration: .init(metrics: metrics)) {
            benchmark, update in
            measureUpdate(benchmark, count) { blackHole(update.encode()) }
        } setup: {
            EncodedUpdate(encoding, count: count)
        }
        Benchmark("Decode 10 M parameters, \(encoding)", configuration: .init(metrics: metrics)) {
            benchmark, update in
            measureUpdate(benchmark, count) { update.decode() }
        } setup: {
            EncodedUpdate(encoding, count: count)
        }
    }
}

private let rate = BenchmarkMetric.custom("Update MB/s", polarity: .prefersLarger, useScalingFactor: false)

/// Measures work on so many parameters, also as a rate of their four bytes each.
private func measureUpdate(_ benchmark: Benchmark, _ count: Int, _ work: () -> Void) {
    let begin = ContinuousClock.now
    benchmark.startMeasurement()
    work()
    benchmark.stopMeasurement()
    benchmark.measurement(rate, Int(4 * Double(count) / (begin.duration(to: .now) / .seconds(1)) / 1e6))
}

/// An update, its message, and a tile that the message is read into, as an aggregator does.
///
/// Unchecked: a benchmark runs on one thread.
private final class EncodedUpdate: @unchecked Sendable {
    let values: [Float]
    private let encoding: UpdateEncoding
    private var message: [UInt8] = []
    private var tile = [Float](repeating: 0, count: UpdateDecoder.blockLength)

    init(_ encoding: UpdateEncoding, count: Int) {
        var stream = Seed(1).derived("update").stream()
        values = (0..<count).map { _ in Float(stream.normal(mean: 0, deviation: 0.01)) }
        self.encoding = encoding
        message = encode()
    }

    func encode() -> [UInt8] {
        var stream = Seed(2).stream()
        guard let bytes = try? encoding.encoded(values, random: &stream) else { preconditionFailure("a good update") }
        return bytes
    }

    func decode() {
        do throws(UpdateFormatError) {
            var decoder = try UpdateDecoder(encoding, count: values.count, byteCount: message.count)
            while let wanted = decoder.wantedByteCount {
                let part = decoder.position..<decoder.position + wanted
                try take(part, with: &decoder)
            }
        } catch {
            preconditionFailure("an encoder wrote what its decoder refuses: \(error)")
        }
    }

    private func take(_ part: Range<Int>, with decoder: inout UpdateDecoder) throws(UpdateFormatError) {
        let outcome = message.withUnsafeBytes { bytes in
            tile.withUnsafeMutableBufferPointer { tile in
                Result { () throws(UpdateFormatError) in
                    try decoder.take(UnsafeRawBufferPointer(rebasing: bytes[part]), into: tile)
                }
            }
        }
        blackHole(try outcome.get())
    }
}
