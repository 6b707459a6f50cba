/// Where a robust rule reads the updates of a round from: memory, files, or a wire.
///
/// A rule reads in passes. A pass goes through the parameters from the first to the last, piece by piece; the first
/// pass of every rule reads every update, later ones perhaps only some. So a source can check digests on the way, and
/// no rule needs memory for whole updates.
public protocol UpdateSource {
    /// Why reading may fail.
    associatedtype Failure: Error

    /// The length of every update.
    var parameterCount: Int { get }
    /// The positive weight of each update, in the order of their clients' numbers: there are as many updates. Rules
    /// that trust nobody's weight take no notice of them.
    var weights: [Int] { get }
    /// About how many bytes of updates are to be in memory at the same time. Results do not depend on it. A source for
    /// which a read is dear asks for much.
    var tileBytes: Int { get }

    /// Reads a piece of some updates. `updates` are their places, in ascending order; each has a row of the piece's
    /// length.
    mutating func read(
        _ range: Range<Int>, of updates: [Int], into rows: [UnsafeMutableBufferPointer<Float>]
    ) throws(Failure)

    /// Reads a piece of what the same rule gave in the round before. Only rules with a memory ask
    /// (``CentredClipping``); before their first round it is zero.
    mutating func readPrevious(_ range: Range<Int>, into piece: UnsafeMutableBufferPointer<Double>) throws(Failure)
}

extension UpdateSource {
    /// Half a megabyte: pieces that stay in a processor's own cache.
    public var tileBytes: Int { 1 << 19 }

    /// Zero: there was no round before.
    public mutating func readPrevious(
        _ range: Range<Int>, into piece: UnsafeMutableBufferPointer<Double>
    ) throws(Failure) {
        piece.update(repeating: 0)
    }
}
