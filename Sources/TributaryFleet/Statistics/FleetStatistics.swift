import Histogram
import Synchronization
import TributaryClient
import TributaryCore
import TributaryWire

/// What a fleet's clients count together.
final class FleetStatistics: Sendable {
    fileprivate struct CallFigures {
        var latency = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        var errors: [String: Int] = [:]
    }

    private struct State {
        var calls: [FleetCall: CallFigures] = [:]
        var report = FleetReport()
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now
    private let up = Atomic<Int>(0)
    private let down = Atomic<Int>(0)

    init(clientCount: Int) {
        var state = State()
        state.report.clients.count = clientCount
        self.state = Mutex(state)
    }

    /// How it stands.
    var report: FleetReport {
        state.withLock { state in
            var report = state.report
            report.seconds = (ContinuousClock.now - start).inSeconds
            report.bytes.up = up.load(ordering: .relaxed)
            report.bytes.down = down.load(ordering: .relaxed)
            for (call, figures) in state.calls { report.calls[call.rawValue] = figures.summary }
            return report
        }
    }

    /// Changes what is counted.
    func count(_ change: (inout FleetReport) -> Void) {
        state.withLock { change(&$0.report) }
    }

    /// A fault was played.
    func played(_ fault: FleetFault) {
        count { $0.faults[fault.rawValue, default: 0] += 1 }
    }

    /// Bytes went to the server.
    func sent(_ count: Int) { up.add(count, ordering: .relaxed) }

    /// Bytes came from the server.
    func received(_ count: Int) { down.add(count, ordering: .relaxed) }

    /// A call ended, well or with an error.
    func ended(_ call: FleetCall, after time: Duration, error: String?) {
        let microseconds = UInt64(max(0, time.inSeconds * 1e6))
        state.withLock { state in
            state.calls[call, default: CallFigures()].latency.record(microseconds)
            if let error { state.calls[call]?.errors[error, default: 0] += 1 }
        }
    }
}

extension FleetStatistics.CallFigures {
    fileprivate var summary: FleetReport.Calls {
        func milliseconds(_ percentile: Double) -> Double { Double(latency.valueAtPercentile(percentile)) / 1000 }
        var calls = FleetReport.Calls()
        calls.count = Int(latency.totalCount)
        calls.errors = errors
        (calls.p50, calls.p90, calls.p99) = (milliseconds(50), milliseconds(90), milliseconds(99))
        calls.max = Double(latency.maxRecorded) / 1000
        return calls
    }
}
