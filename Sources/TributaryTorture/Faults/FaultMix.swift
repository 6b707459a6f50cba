import TributaryMath

/// What goes wrong in one world, and how often.
///
/// Every seed draws which kinds are on at all and how strong they are (swarm testing; Groce et al. 2012): a fault that is
/// always on hides what only happens without it.
struct FaultMix: Hashable, Sendable {
    // MARK: The network

    /// The probability that a message is lost.
    var loss = 0.0
    /// The probability that a request arrives a second time.
    var duplication = 0.0
    /// The probability that a message takes long: it overtakes or is overtaken.
    var straying = 0.0
    /// The probability that a transfer's connection is cut before its end.
    var cut = 0.0
    /// The probability that a transfer is slow.
    var slowLink = 0.0
    /// Mean seconds between partitions that a client falls into; nil for never.
    var partitionInterval: Double?
    /// The share of partitions that stop messages in one direction only.
    var oneWayShare = 0.0

    // MARK: Processes

    /// Mean seconds between crashes of the coordinator; nil for never.
    var coordinatorCrashInterval: Double?
    /// The probability that a crash comes between two operations of the disk instead of between two events.
    var crashInDisk = 0.0
    /// The probability that the coordinator crashes again while it recovers.
    var crashInRecovery = 0.0
    /// The probability that a crash takes the machine with it: what is not synchronised is lost.
    var powerLoss = 0.0
    /// Mean seconds between graceful restarts of the coordinator; nil for never.
    var restartInterval: Double?
    /// Mean seconds between crashes of a client, over all clients; nil for never.
    var clientCrashInterval: Double?
    /// Mean seconds between pauses of a process; nil for never.
    var pauseInterval: Double?
    /// Mean seconds between moments at which all clients lose their connections at once; nil for never.
    var stormInterval: Double?
    /// The largest difference of a node's clock from the true time, in seconds.
    var skew = 0.0
    /// The probability that a clock jumps when its process restarts.
    var clockJump = 0.0

    // MARK: The disk

    /// How its calls fail.
    var disk = DiskFaults()
    /// Mean seconds between times during which the disk is full; nil for never.
    var fullDiskInterval: Double?

    // MARK: Operators

    /// Mean seconds between an operator's orders; nil for never.
    var orderInterval: Double?

    /// The probability that an operator says something right after an event of the coordinator's, whatever stage it is in.
    var meddling = 0.0

    /// Whether clients may do what they should not.
    var hasStrangers = false

    /// Nothing goes wrong.
    init() {}

    /// What a seed draws of the faults that were chosen.
    init(_ choice: TortureOptions.Faults, drawnFrom stream: inout RandomStream) {
        switch choice {
        case .none: self.init()
        case .all: self.init(drawnFrom: &stream)
        case .crashes:
            self.init()
            coordinatorCrashInterval = 2 + stream.uniform() * 20
            crashInDisk = stream.uniform()
            crashInRecovery = stream.uniform() * 0.5
            powerLoss = stream.uniform()
        }
    }

    /// The mix of a seed.
    private init(drawnFrom stream: inout RandomStream) {
        hasStrangers = true
        /// Half of the faults are off; the strength of the others is drawn evenly from many orders of magnitude.
        func share(_ largest: Double) -> Double? {
            guard stream.bernoulli(0.5) else { return nil }
            return largest * pow10(-2 * stream.uniform())
        }
        func interval(_ shortest: Double) -> Double? {
            guard stream.bernoulli(0.5) else { return nil }
            return shortest * pow10(1.5 * stream.uniform())
        }
        func pow10(_ exponent: Double) -> Double {
            var value = 1.0
            var left = exponent
            while left <= -1 { (value, left) = (value / 10, left + 1) }
            while left >= 1 { (value, left) = (value * 10, left - 1) }
            // 10^x for |x| < 1 by halving: only products, so that it is the same on every machine.
            var factor = 3.1622776601683795
            var step = 0.5
            while step > 1e-4 {
                if left >= step { (value, left) = (value * factor, left - step) }
                if left <= -step { (value, left) = (value / factor, left + step) }
                factor = factor.squareRoot()
                step /= 2
            }
            return value
        }
        loss = share(0.3) ?? 0
        duplication = share(0.2) ?? 0
        straying = share(0.3) ?? 0
        cut = share(0.4) ?? 0
        slowLink = share(0.3) ?? 0
        partitionInterval = interval(10)
        oneWayShare = stream.uniform()
        coordinatorCrashInterval = interval(8)
        crashInDisk = stream.uniform()
        crashInRecovery = share(0.5) ?? 0
        powerLoss = stream.uniform()
        restartInterval = stream.bernoulli(0.3) ? interval(20) : nil
        clientCrashInterval = interval(5)
        pauseInterval = interval(20)
        stormInterval = stream.bernoulli(0.3) ? interval(30) : nil
        skew = stream.bernoulli(0.5) ? 120 * stream.uniform() : 0
        clockJump = share(0.5) ?? 0
        disk.write = share(0.05) ?? 0
        disk.shortWrite = share(0.3) ?? 0
        disk.synchronise = share(0.1) ?? 0
        disk.forgetting = stream.uniform()
        disk.slowSynchronise = share(0.3) ?? 0
        disk.open = share(0.02) ?? 0
        disk.name = share(0.02) ?? 0
        disk.read = share(0.02) ?? 0
        disk.disorder = stream.uniform()
        disk.rotPrefix = "\(CoordinatorNode.blobFolder)/blobs/"
        let rots = stream.bernoulli(0.25)
        disk.misread = rots ? share(0.1) ?? 0 : 0
        disk.rot = rots ? share(0.1) ?? 0 : 0
        disk.vanishing = rots ? share(0.1) ?? 0 : 0
        disk.crashRot = rots ? share(0.1) ?? 0 : 0
        fullDiskInterval = stream.bernoulli(0.5) ? interval(30) : nil
        orderInterval = interval(15)
        meddling = share(0.01) ?? 0
    }
}

/// What became of injected faults, for the report.
public struct FaultCounts: Hashable, Sendable {
    /// How often each kind was injected, by its name.
    public private(set) var counts: [String: Int] = [:]

    mutating func note(_ kind: String, _ count: Int = 1) {
        counts[kind, default: 0] += count
    }

    /// Adds another world's.
    public mutating func add(_ other: FaultCounts) {
        for (kind, count) in other.counts { counts[kind, default: 0] += count }
    }
}
