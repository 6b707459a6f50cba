import Foundation
import FuzzTargets

/// What libFuzzer calls. The environment variable FUZZ_TARGET names the decoder; without it the first byte chooses.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let chosen {
        chosen.run(bytes)
    } else if let first = bytes.first {
        FuzzTarget.all[Int(first) % FuzzTarget.all.count].run(Array(bytes.dropFirst()))
    }
    return 0
}

private let chosen = ProcessInfo.processInfo.environment["FUZZ_TARGET"].flatMap(FuzzTarget.named)
