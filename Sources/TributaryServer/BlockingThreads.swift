import NIOCore

/// The threads on which a server waits for its disk, checks updates and makes models.
package enum BlockingThreads {
    /// Provides enough of them: by default there are as many as processors, and a few models in the making, or a few
    /// uploads that wait for the disk, would hold up everything else. To be called once, before anything blocks.
    package static func provide() {
        NIOSingletons.blockingPoolThreadCountSuggestion = max(8, 2 * NIOSingletons.groupLoopCountSuggestion)
    }
}
