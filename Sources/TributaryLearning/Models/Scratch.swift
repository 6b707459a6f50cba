/// A buffer of a workspace: sized on first use, grown when a larger batch comes, never shrunk.
///
/// Hot loops hold its pointer directly; growing invalidates it, so a pass reserves everything before it starts.
final class Scratch<Element: BitwiseCopyable> {
    private(set) var base: UnsafeMutablePointer<Element>
    private var capacity = 0

    init() {
        base = UnsafeMutablePointer<Element>.allocate(capacity: 1)
    }

    /// Makes room for `count` elements. What the buffer held is lost when it grows; contents are not defined.
    /// Returns whether it grew.
    @discardableResult
    func reserve(_ count: Int) -> Bool {
        guard count > capacity else { return false }
        base.deallocate()
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        base = raw.bindMemory(to: Element.self, capacity: count)
        capacity = count
        return true
    }

    deinit {
        base.deallocate()
    }
}

extension Scratch where Element == Float {
    /// Makes room for `count` numbers, all zero after the buffer has grown and as they were otherwise.
    func reserveZeroed(_ count: Int) {
        if reserve(count) { base.update(repeating: 0, count: count) }
    }
}
