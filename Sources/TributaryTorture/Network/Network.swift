import TributaryCore
import TributaryMath

/// The network between clients and the coordinator: when a message arrives, if it does.
struct Network {
    /// What goes wrong; nothing after the world has healed.
    var faults: FaultMix
    /// Until when no message of a client reaches the coordinator.
    private var blockedUp: [Int: Nanoseconds] = [:]
    /// Until when no message of the coordinator reaches a client.
    private var blockedDown: [Int: Nanoseconds] = [:]

    enum Direction { case up, down }

    init(faults: FaultMix) {
        self.faults = faults
    }

    /// How long each copy of a message takes; none for one that is lost.
    mutating func deliveries(
        _ direction: Direction, _ client: Int?, at now: Nanoseconds, _ stream: inout RandomStream,
        _ counts: inout FaultCounts
    ) -> [Nanoseconds] {
        if let client, isBlocked(client, direction, at: now) {
            counts.note("messages stopped by a partition")
            return []
        }
        if stream.bernoulli(faults.loss) {
            counts.note("messages lost")
            return []
        }
        var deliveries = [delay(&stream, &counts)]
        // Only requests: an answer belongs to one call.
        if direction == .up, stream.bernoulli(faults.duplication) {
            counts.note("messages doubled")
            deliveries.append(delay(&stream, &counts))
        }
        return deliveries
    }

    private mutating func delay(_ stream: inout RandomStream, _ counts: inout FaultCounts) -> Nanoseconds {
        if stream.bernoulli(faults.straying) {
            counts.note("messages astray")
            return .seconds(stream.uniform() * 40)
        }
        return .seconds(0.0005 + stream.uniform() * 0.1)
    }

    /// How an upload goes: in how many pieces, how fast, and whether it is cut.
    mutating func shape(_ upload: inout Upload, _ stream: inout RandomStream, _ counts: inout FaultCounts) {
        let length = max(upload.bytes.count - upload.offset, 0)
        upload.pieceLength = 1 + stream.uniform(below: max(length, 1))
        upload.pieceInterval = .seconds(stream.uniform() * 0.05)
        if stream.bernoulli(faults.slowLink) {
            counts.note("slow transfers")
            upload.pieceInterval = .seconds(stream.uniform() * 20)
        }
        if stream.bernoulli(faults.cut) {
            counts.note("uploads cut")
            upload.cutAfter = stream.uniform(below: length + 1)
        }
    }

    /// How much of a download arrives before the connection is cut; nil if it is not.
    mutating func cut(
        ofDownload byteCount: Int, _ stream: inout RandomStream, _ counts: inout FaultCounts
    ) -> Int? {
        guard stream.bernoulli(faults.cut) else { return nil }
        counts.note("downloads cut")
        return stream.uniform(below: byteCount + 1)
    }

    /// Cuts a client off for a while, in one direction or in both.
    mutating func part(_ client: Int, until end: Nanoseconds, isOneWay: Bool, blocksUp: Bool) {
        if !isOneWay || blocksUp { blockedUp[client] = end }
        if !isOneWay || !blocksUp { blockedDown[client] = end }
    }

    private func isBlocked(_ client: Int, _ direction: Direction, at now: Nanoseconds) -> Bool {
        let end = direction == .up ? blockedUp[client] : blockedDown[client]
        return end.map { $0 > now } ?? false
    }

    /// From now on messages arrive.
    mutating func heal() {
        faults = FaultMix()
        (blockedUp, blockedDown) = ([:], [:])
    }
}
