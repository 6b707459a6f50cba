import Foundation
import Synchronization
import Testing
import TributaryReports
import TributaryServer

/// The tokens that a server makes on its first start.
@Suite struct ServerSecretsTests {
    private func withState<Value>(_ body: (ServerSettings) throws -> Value) rethrows -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var settings = ServerSettings()
        settings.state = "\(folder)/server/state"
        return try body(settings)
    }

    @Test func theyAreTheSameAfterARestartAndNobodyElsesToRead() throws {
        try withState { settings in
            let first = try ServerSecrets(settings)
            #expect(first.createdFiles.count == 2)
            for path in first.createdFiles {
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
            }
            let folder = try FileManager.default.attributesOfItem(atPath: settings.secretsFolder)
            #expect(folder[.posixPermissions] as? Int == 0o700)
            let again = try ServerSecrets(settings)
            #expect(again.createdFiles.isEmpty)
            #expect(again.joinToken == first.joinToken && again.operatorToken == first.operatorToken)
            // No drafts are left beside them.
            #expect(try FileManager.default.contentsOfDirectory(atPath: settings.secretsFolder).count == 2)
        }
    }

    @Test func theyAreOnDiskWithTheirNamesBeforeAnybodyIsTold() throws {
        try withState { settings in
            let seen = Mutex<[(path: String, join: Bool)]>([])
            let join = ServerSecrets.path(of: "join", inState: settings.state)
            _ = try FileAccess.$synchronised.withValue({ path in
                seen.withLock { $0.append((path, FileManager.default.fileExists(atPath: join))) }
            }) { try ServerSecrets(settings) }
            let order = seen.withLock { $0 }
            func place(_ such: (String, Bool) -> Bool) -> Int? { order.firstIndex { such($0.path, $0.join) } }
            // The folders' names from above, then the token's bytes, then its name.
            let base = FileAccess.folder(of: FileAccess.folder(of: settings.state))
            let places = [
                place { path, _ in path == FileAccess.folder(of: base) }, place { path, _ in path == base },
                place { path, _ in path == FileAccess.folder(of: settings.state) },
                place { path, _ in path == settings.state },
                place { path, isThere in path.hasPrefix("\(join).") && !isThere },
                place { path, isThere in path == settings.secretsFolder && isThere },
            ]
            #expect(!places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
        }
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() {
        withState { settings in
            var settings = settings
            settings.state = "/dev/null/state"
            let error = #expect(throws: SettingsError.self) { try ServerSecrets(settings) }
            #expect(error?.description.contains("/dev/null") == true)
            #expect(error?.description.contains("permissions") == true)
        }
    }
}
