/// A rule that makes one update of the updates of a round, of which some may be anything: broken, or sent to harm.
///
/// Rules are values. What they need of a round they read from an ``UpdateSource`` in pieces, and they give the
/// aggregate piece by piece: memory is a few hundred coordinates of every update and, for rules that compare updates, a
/// number for every two of them. Results do not depend on the size of pieces, the processor, or the order in which
/// updates arrived.
///
/// ```swift
/// let rule = Krum(limit: .count(2))
/// let update = try rule.aggregate(MemoryUpdates(updates))
/// ```
public protocol RobustRule: Hashable, Sendable {
    /// Why the rule cannot aggregate so many updates; nil if it can.
    func refusal(of count: Int) -> RobustRuleError?

    /// Whether it goes on from what it gave in the round before (`UpdateSource.readPrevious`). Whoever uses such a rule round
    /// by round keeps that, rounded to Float32; a round that was given up does not count.
    var hasMemory: Bool { get }

    /// The same rule where `refused` updates of the round were already recognised as bad, say because they are not
    /// finite: that many fewer are to be expected among the others.
    func discounting(_ refused: Int) -> Self

    /// Reads the updates and gives the aggregate to `sink`, piece by piece from the first parameter to the last.
    ///
    /// An update with a coordinate that is not finite ends it with an error that names the update. Nothing is to be
    /// made of pieces that were given before an error.
    func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>)
}

extension RobustRule {
    /// Every round by itself.
    public var hasMemory: Bool { false }

    /// The rule itself, for rules that assume no number of adversaries.
    public func discounting(_ refused: Int) -> Self { self }

    /// The aggregate of updates in memory.
    public func aggregate(_ updates: MemoryUpdates) throws(RobustRuleError) -> [Double] {
        var updates = updates
        var aggregate: [Double] = []
        aggregate.reserveCapacity(updates.parameterCount)
        do throws(RobustFailure<Never>) {
            try self.aggregate(&updates) { _, piece in aggregate += piece }
        } catch {
            throw error.ruleError
        }
        return aggregate
    }

    /// Memory to read a source's updates with, if the rule can aggregate so many.
    func makePass<Source: UpdateSource>(of source: Source) throws(RobustFailure<Source.Failure>) -> TilePass {
        if let refusal = refusal(of: source.weights.count) { throw .rule(refusal) }
        return TilePass(of: source)
    }
}
