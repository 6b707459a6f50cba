import TributaryClient
import TributaryCore

/// Fits a line to readings that never leave the device: the weights are the slopes, then the intercept.
struct LineTrainer: LocalTrainer {
    let readings: [(inputs: [Float], output: Float)]

    func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
        var (line, loss) = (weights, 0.0)
        let rate = Float(task.solver?.learningRate ?? 0.05)
        for (index, reading) in readings.enumerated() {
            try Task.checkCancellation()
            let error = zip(line, reading.inputs + [1]).reduce(-reading.output) { $0 + $1.0 * $1.1 }
            for (place, input) in (reading.inputs + [1]).enumerated() { line[place] -= rate * error * input }
            loss += Double(error * error) / 2 / Double(readings.count)
            progress.report(Double(index + 1) / Double(readings.count))
        }
        return LocalUpdate(weights: line, exampleCount: readings.count, stepCount: readings.count, meanLoss: loss)
    }
}

/// Says what happens.
struct Printer: ClientObserver {
    func observed(_ event: ClientEvent) {
        switch event {
        case .registered(let id, _): print("registered as \(id)")
        case .taskReceived(let task): print("\(task.id): training")
        case .receipt(let task, let receipt, _): print("\(task): \(receipt.verdict)")
        case .failed(_, let error): print(error)
        default: break
        }
    }
}

@main struct EmbeddedClient {
    static func main() async throws {
        let arguments = CommandLine.arguments
        var settings = ClientSettings(server: arguments.count > 1 ? arguments[1] : "http://127.0.0.1:7400")
        settings.joinToken = arguments.count > 2 ? arguments[2] : ""
        settings.stateFolder = "state"
        // An app would read its own. These lie on the line y = 2 a − b + 0.5.
        let readings = (0..<200).map { index in
            let (a, b) = (Float(index % 10) / 10, Float(index % 7) / 7)
            return (inputs: [a, b], output: 2 * a - b + 0.5)
        }
        do {
            try await FederatedClient.run(LineTrainer(readings: readings), with: settings, observer: Printer())
        } catch let error as ClientError {
            print("embedded-client: \(error)")
        }
    }
}
