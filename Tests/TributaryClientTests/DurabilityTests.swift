import Foundation
import Synchronization
import Testing
import TributaryClient
import TributaryCore

/// What a store has kept is on disk when it says so, bytes and names.
@Suite struct DurabilityTests {
    @Test func `bytes and names are on disk when a call returns`() async throws {
        try await withFolder { folder in
            let disk = WatchedDisk()
            func settled(_ work: () throws -> Void) throws {
                try work()
                #expect(disk.unsettled.isEmpty)
            }
            let store = try FolderStore("\(folder)/a/b", server: "https://a", name: "n", calls: disk.calls)
            #expect(disk.unsettled.isEmpty)
            #expect(disk.made.count >= 3)
            let identity = ClientIdentity(
                registrationKey: Array(0..<32), membership: .init(id: ClientID(7), credential: "c", endsAt: 1))
            try settled { try store.save(identity) }
            try settled { _ = try StoreTests.keep([1, 2, 3, 4], in: store) }
            try settled { try store.forgetResult(wasAccepted: false) }
            try settled { try store.save(ClientIdentity(registrationKey: Array(0..<32))) }
            #expect(disk.renamedTooEarly.isEmpty)
        }
    }

    @Test func `a state folder whose disk fails is named`() async throws {
        try await withFolder { folder in
            var calls = DiskCalls()
            calls.synchronize = { _ in
                errno = EIO
                return -1
            }
            let error = #expect(throws: ClientError.self) {
                try FolderStore(folder, server: "https://a", name: "n", calls: calls)
            }
            #expect(error?.kind == .state && error?.message.contains("cannot be brought to disk") == true)
        }
    }
}

/// Knows what would be lost if the power failed now.
private final class WatchedDisk: Sendable {
    private struct State {
        var unsettled: Set<String> = []
        var made: [String] = []
        var renamedTooEarly: [String] = []
    }

    private let state = Mutex(State())

    /// Files whose bytes, and folders whose names, are not on disk.
    var unsettled: Set<String> { state.withLock { $0.unsettled } }
    var made: [String] { state.withLock { $0.made } }
    /// Files that got their names before their bytes were on disk.
    var renamedTooEarly: [String] { state.withLock { $0.renamedTooEarly } }

    var calls: DiskCalls {
        let system = DiskCalls()
        var calls = system
        calls.write = { file, bytes in
            self.change { $0.unsettled.insert(Self.path(of: file)) }
            return system.write(file, bytes)
        }
        calls.synchronize = { file in
            self.change { $0.unsettled.remove(Self.path(of: file)) }
            return system.synchronize(file)
        }
        calls.rename = { old, new in
            self.change { state in
                if state.unsettled.contains(old) { state.renamedTooEarly.append(old) }
                state.unsettled.insert(Self.folder(of: new))
            }
            return system.rename(old, new)
        }
        calls.remove = { path in
            let result = system.remove(path)
            if result == 0 { self.change { $0.unsettled.insert(Self.folder(of: path)) } }
            return result
        }
        calls.makeFolder = { path in
            let result = system.makeFolder(path)
            if result == 0 {
                self.change { state in
                    state.made.append(path)
                    state.unsettled.insert(Self.folder(of: path))
                }
            }
            return result
        }
        return calls
    }

    private func change<Result>(_ body: (inout State) -> Result) { state.withLock { _ = body(&$0) } }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// The path that an open file was opened by.
    private static func path(of file: Int32) -> String {
        #if canImport(Darwin)
            var buffer = [CChar](repeating: 0, count: Int(MAXPATHLEN))
            guard fcntl(file, F_GETPATH, &buffer) == 0 else { return "" }
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #else
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)")) ?? ""
        #endif
    }
}
