import Dispatch
import Foundation
import TributarySimulation

/// Turns Ctrl-C and a termination request into a stop after the open round; a second one ends the process at once.
final class Interrupts {
    /// The request that the run looks at.
    let stop = StopRequest()
    private let sources: [any DispatchSourceSignal]

    /// Begins to listen. `announce` is called at the first signal.
    init(announce: @escaping @Sendable () -> Void) {
        let stop = stop
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if stop.isMade { _exit(128 + number) }
                stop.make()
                announce()
            }
            source.resume()
            return source
        }
    }
}
