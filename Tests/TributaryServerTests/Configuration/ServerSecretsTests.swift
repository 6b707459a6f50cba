import Foundation
import Testing
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
