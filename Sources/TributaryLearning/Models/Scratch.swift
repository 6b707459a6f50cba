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
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        base.deallocate()
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        base = raw.bindMemory(to: Element.self, capacity: count)
        capacity = count
    }

    deinit {
        base.deallocate()
    }
}
