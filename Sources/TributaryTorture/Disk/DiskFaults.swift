/// How likely a simulated disk is to fail, call by call and crash by crash. Probabilities are in [0, 1].
package struct DiskFaults: Hashable, Sendable {
    /// A write takes nothing: for want of room, or because the disk is ill.
    package var write = 0.0
    /// A write takes only some of its bytes.
    package var shortWrite = 0.0
    /// A wait for the disk fails, this once.
    package var synchronise = 0.0
    /// After a failed wait for a file, the system forgets what it waited for: later waits succeed all the same, and what
    /// did not reach the disk by then never will.
    package var forgetting = 0.5
    /// A wait for the disk takes ``slowSynchroniseTime``.
    package var slowSynchronise = 0.0
    /// Too many files are open.
    package var open = 0.0
    /// A name cannot be given, taken or touched.
    package var name = 0.0
    /// A read fails.
    package var read = 0.0
    /// A read gives a wrong bit that is right on the disk.
    package var misread = 0.0
    /// A bit of what is about to be read has turned over on the disk.
    package var rot = 0.0
    /// A file that is about to be read is gone from the disk.
    package var vanishing = 0.0
    /// A bit of some file turns over in a crash.
    package var crashRot = 0.0
    /// Of a file's writes that nobody waited for, later ones survive a crash though earlier ones do not.
    package var disorder = 0.0

    /// How long a wait for the disk takes.
    package var synchroniseTime = Duration.milliseconds(2)
    /// How long a slow one takes.
    package var slowSynchroniseTime = Duration.seconds(3)
    /// Where files rot, vanish and are misread: at paths that begin so.
    package var rotPrefix = "/"

    /// No faults.
    package init() {}
}

/// What a simulated disk can do wrong.
package enum DiskFault: Int, Hashable, Sendable, CaseIterable {
    /// See the fields of the same names of ``DiskFaults``.
    case write, shortWrite, synchronise, forgetting, slowSynchronise, open, name, read, misread, rot, vanishing
    /// See the fields of the same names of ``DiskFaults``.
    case crashRot, disorder
    /// A write that exceeded the disk's capacity.
    case full
    /// The process ended between two operations, or in the middle of a write.
    case death
    /// The machine crashed.
    case crash
}

/// What has happened on a simulated disk.
package struct DiskCounts: Hashable, Sendable {
    /// Calls of a process that was alive.
    package internal(set) var operations = 0
    /// Waits for the disk that succeeded.
    package internal(set) var synchronisations = 0
    private var faults = [Int](repeating: 0, count: DiskFault.allCases.count)

    /// How often something went wrong.
    package subscript(_ fault: DiskFault) -> Int {
        get { faults[fault.rawValue] }
        set { faults[fault.rawValue] = newValue }
    }
}
