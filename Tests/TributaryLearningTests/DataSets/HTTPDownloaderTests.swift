import Foundation
import Synchronization
import Testing
import TributaryLearning

/// An HTTP server for a few requests, each answered with bytes made from the `Range` offset it asked for (nil without).
private final class SmallServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let done = DispatchSemaphore(value: 0)

    init(requests: Int, answer: @escaping @Sendable (Int?) -> [UInt8]) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, length) = (self.listener, size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, generic, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        let done = done
        Thread.detachNewThread {
            for _ in 0..<requests {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                let bytes = answer(Self.rangeStart(in: connection))
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                close(connection)
            }
            close(listener)
            done.signal()
        }
    }

    private static func rangeStart(in connection: Int32) -> Int? {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            request += buffer[..<count]
        }
        let text = String(decoding: request, as: UTF8.self)
        guard let found = text.range(of: "bytes=") else { return nil }
        return Int(text[found.upperBound...].prefix { $0.isNumber })
    }
}

#if os(Linux)
    struct HTTPDownloaderTests {
        private let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }

        private func get(_ server: SmallServer, from offset: Int) async -> (
            events: [DownloadEvent], error: DatasetError?
        ) {
            let events = Mutex<[DownloadEvent]>([])
            do throws(DatasetError) {
                try await HTTPDownloader(idleLimit: 10).download("http://127.0.0.1:\(server.port)/f", from: offset) {
                    event in events.withLock { $0.append(event) }
                }
                return (events.withLock { $0 }, nil)
            } catch {
                return (events.withLock { $0 }, error)
            }
        }

        private func bytes(_ events: [DownloadEvent]) -> [UInt8] {
            var all: [UInt8] = []
            for case .bytes(let bytes) in events { all += bytes }
            return all
        }

        private static func head(_ status: String, _ fields: String) -> [UInt8] {
            Array("HTTP/1.1 \(status)\r\n\(fields)\r\nConnection: close\r\n\r\n".utf8)
        }

        @Test func wholeFilesAndPartsArrive() async throws {
            let content = content
            let server = try SmallServer(requests: 2) { start in
                guard let start else { return Self.head("200 OK", "Content-Length: \(content.count)") + content }
                let fields =
                    "Content-Length: \(content.count - start)\r\n"
                    + "Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)"
                return Self.head("206 Partial Content", fields) + content[start...]
            }
            let whole = await get(server, from: 0)
            #expect(whole.error == nil && bytes(whole.events) == content)
            guard case .response(0, 200_000) = whole.events.first else { Issue.record("no response"); return }
            let part = await get(server, from: 150_000)
            #expect(part.error == nil && bytes(part.events) == Array(content[150_000...]))
            guard case .response(150_000, 200_000) = part.events.first else { Issue.record("no response"); return }
        }

        @Test func cutAnswersKeepWhatCame() async throws {
            let content = content
            let server = try SmallServer(requests: 1) { _ in
                Self.head("200 OK", "Content-Length: \(content.count)") + content.prefix(70_000)
            }
            let cut = await get(server, from: 0)
            #expect(cut.error?.code == .inputOutput)
            #expect(bytes(cut.events) == Array(content.prefix(bytes(cut.events).count)))
        }

        @Test(arguments: ["404 Not Found", "500 Oops"])
        func otherStatusesAreErrors(status: String) async throws {
            let server = try SmallServer(requests: 1) { _ in Self.head(status, "Content-Length: 0") }
            let answer = await get(server, from: 5)
            #expect(answer.error?.description.contains(status.prefix(3)) == true)
            #expect(answer.events.isEmpty)
        }

        @Test func aServerWithNothingAtTheOffsetIsAskedForAll() async throws {
            let server = try SmallServer(requests: 2) { start in
                start == nil
                    ? Self.head("200 OK", "Content-Length: 3") + [1, 2, 3]
                    : Self.head("416 Range Not Satisfiable", "Content-Length: 0")
            }
            let answer = await get(server, from: 5)
            #expect(answer.error == nil && bytes(answer.events) == [1, 2, 3])
        }

        @Test func nobodyListeningIsAnError() async throws {
            let server = try SmallServer(requests: 0) { _ in [] }
            let answer = await get(server, from: 0)
            #expect(answer.error?.code == .inputOutput)
        }
    }
#endif
