import ArgumentParser
import Foundation
import TributaryClient
import TributaryCore
import TributaryLearning
import TributaryReports
import TributaryServer
import TributarySimulation
import TributaryStore
import TributaryWire

/// How a command ends when it cannot do what was asked, with the codes of sysexits.h.
struct CommandFailure: Error {
    enum Code: Int32 {
        case usage = 64
        case badData = 65
        case missingInput = 66
        case unavailable = 69
        case ourFault = 70
        case inputOutput = 74
        case denied = 77
        case interrupted = 130
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What any error means to the person at the command line.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as DatasetError: self.init(Code(error.code), error.description)
        case let error as ModelError: self.init(error.code == .inconsistentData ? .badData : .usage, error.description)
        case let error as PlanError: self.init(.usage, error.description)
        case let error as PrivacyError: self.init(.usage, error.description)
        case let error as ClientError: self.init(Code(error.kind), error.description)
        case let error as SettingsError: self.init(.usage, error.description)
        case let error as ReportError: self.init(error.code == .io ? .inputOutput : .badData, error.description)
        case let error as StoreError: self.init(Code(error.code), error.description)
        case let error as Safetensors.FormatError: self.init(.badData, error.description)
        case let error as Checkpoint.FormatError: self.init(.badData, error.description)
        default: self.init(.ourFault, "unexpected: \(error)")
        }
    }
}

extension CommandFailure.Code {
    fileprivate init(_ code: DatasetError.Code) {
        self =
            switch code {
            case .badRequest: .usage
            case .badData: .badData
            case .missingInput: .missingInput
            case .inputOutput: .inputOutput
            }
    }
}

extension CommandFailure.Code {
    fileprivate init(_ kind: ClientError.Kind) {
        self =
            switch kind {
            case .settings: .usage
            case .state: .inputOutput
            case .unreachable, .timedOut, .refused: .unavailable
            case .untrusted, .denied: .denied
            case .malformed, .damaged: .badData
            }
    }
}

extension CommandFailure.Code {
    fileprivate init(_ code: StoreError.Code) {
        self =
            switch code {
            case .unusable: .unavailable
            case .damaged: .badData
            case .io, .full, .closed, .conflict: .inputOutput
            }
    }
}

/// Runs a command's work; whatever goes wrong becomes one line on standard error and an exit code.
func reportingFailures(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let exit as ExitCode {
        throw exit
    } catch {
        let failure = CommandFailure(error)
        Console.failure(failure.message)
        throw ExitCode(failure.code.rawValue)
    }
}
