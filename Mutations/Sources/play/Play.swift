import Foundation
import TributaryTorture

/// Plays seeds until one fails: `play FIRST COUNT`.
///
/// Ends with 1 if a seed failed, and prints it and why; with 0 if none did.
@main struct Play {
    static func main() async {
        let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard numbers.count == 2 else {
            print("usage: play FIRST COUNT")
            exit(with: 64)
        }
        for seed in numbers[0]..<(numbers[0] + numbers[1]) {
            let outcome = Torture.play(seed: seed)
            if let violation = outcome.violations.first {
                print("seed \(seed): \(violation)")
                exit(with: 1)
            }
        }
        print("\(numbers[1]) seeds, and nothing was found")
    }

    private static func exit(with code: Int32) -> Never {
        Foundation.exit(code)
    }
}
