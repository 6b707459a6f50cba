import Foundation
import NIOCore
import NIOSSL
import Testing
import TributaryCore
import TributaryServer
import TributaryStore

#if canImport(Glibc)
    import Glibc
#endif

/// Figures for docs/performance.md: run with `TRIBUTARY_MEASURE=1`. The other side is curl, in processes of its own, so
/// that processor time and memory are the server's.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["TRIBUTARY_MEASURE"] != nil), .serialized)
struct TransferMeasurements {
    private static let byteCount = 100_000_000

    @Test(arguments: [false, true])
    func transfers(isTLS: Bool) async throws {
        let certificates = try CertificateFolder()
        defer { certificates.remove() }
        try await withServer {
            $0.tls =
                isTLS
                ? TLSSettings(
                    certificateChainPath: certificates.certificate, privateKeyPath: certificates.key) : nil
        } _: { server in
            let files = try (0..<10).map { try Self.file(seed: UInt8($0), server) }
            try await Self.measure("up, 1 connection, TLS \(isTLS)", 1) {
                try await Self.curl(server, ["-T", files[0].path, "/v1/uploads/\(files[0].digest)"])
            }
            for version in isTLS ? ["--http1.1", "--http2"] : ["--http1.1"] {
                try await Self.measure("down, 1 connection, TLS \(isTLS) \(version)", 1) {
                    try await Self.curl(server, [version, "/v1/blobs/\(files[0].digest)"])
                }
            }
            try await Self.measure("up, 9 connections, TLS \(isTLS)", 9) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for file in files[1...] {
                        group.addTask {
                            try await Self.curl(server, ["-T", file.path, "/v1/uploads/\(file.digest)"])
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func file(seed: UInt8, _ server: TestServer) throws -> (path: String, digest: BlobDigest) {
        var bytes = [UInt8](repeating: seed, count: byteCount)
        for index in stride(from: 0, to: byteCount, by: 97) { bytes[index] = UInt8(truncatingIfNeeded: index >> 5) }
        let path = server.folder + "/file-\(seed)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return (path, try digest(of: bytes))
    }

    private static func curl(_ server: TestServer, _ arguments: [String]) async throws {
        let url = "\(server.scheme)://localhost:\(server.port)\(arguments.last ?? "")"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["curl", "-sfk", "-o", "/dev/null", "-H", "Authorization: Bearer \(StubCalls.credential)"]
            + arguments.dropLast() + [url]
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        #expect(process.terminationStatus == 0)
    }

    private static func measure(_ what: String, _ transfers: Int, _ body: () async throws -> Void) async throws {
        let (start, cpu) = (ContinuousClock.now, processorSeconds())
        try await body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let megabytes = Double(byteCount * transfers) / 1e6
        let (rate, load) = (megabytes / seconds, (processorSeconds() - cpu) / megabytes * 1000)
        print(
            "\(what): \(Int(rate)) MB/s, \((load * 100).rounded() / 100) CPU-s/GB, resident \(residentMegabytes())")
    }

    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func residentMegabytes() -> String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        return status.split(separator: "\n").filter { $0.hasPrefix("VmRSS") || $0.hasPrefix("VmHWM") }
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.joined(separator: ", ")
    }
}
