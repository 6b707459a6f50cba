import TributaryMath

/// What a name of a simulated disk stands for.
enum DiskNode {
    case file(DiskFile)
    case folder(DiskFolder)

    func `is`(_ file: DiskFile) -> Bool {
        switch self {
        case .file(let mine): mine === file
        case .folder: false
        }
    }
}

/// A file: what a process sees of it, what is on disk, and what lies between.
final class DiskFile {
    let identity: UInt64
    private(set) var content: [UInt8] = []
    private(set) var durable: [UInt8] = []
    /// What was done since the last wait, in order.
    private(set) var pending: [ContentChange] = []
    private(set) var modifiedAt: Int
    private var durableModifiedAt: Int
    /// Whether its bytes were turned over, or read as others than they are.
    private(set) var isRotten = false
    var openCount = 0
    var isNamed = true

    init(identity: UInt64, at now: Int) {
        self.identity = identity
        modifiedAt = now
        durableModifiedAt = now
    }

    var isPending: Bool { !pending.isEmpty || modifiedAt != durableModifiedAt }

    func change(_ change: ContentChange, at now: Int) {
        change.apply(to: &content)
        pending.append(change)
        modifiedAt = now
    }

    func touch(at now: Int) {
        modifiedAt = now
    }

    /// All of it is on disk.
    func settle() {
        for change in pending { change.apply(to: &durable) }
        pending.removeAll(keepingCapacity: true)
        durableModifiedAt = modifiedAt
    }

    /// A wait failed: some of the changes are on disk, and nobody thinks of the others any more.
    func forget(_ stream: inout RandomStream) {
        for change in pending where stream.bernoulli(0.5) { change.apply(to: &durable) }
        pending.removeAll(keepingCapacity: true)
        durableModifiedAt = modifiedAt
    }

    /// The machine crashed. A part of the changes survives: the first ones up to one that may be torn at any byte, or, in
    /// disorder, any of them.
    func crash(inDisorder: Bool, _ stream: inout RandomStream) {
        if inDisorder {
            for change in pending where stream.bernoulli(0.5) { change.apply(to: &durable) }
        } else if !pending.isEmpty {
            let count = stream.uniform(below: pending.count + 1)
            for change in pending[..<count] { change.apply(to: &durable) }
            if count < pending.count { pending[count].torn(&stream)?.apply(to: &durable) }
        }
        if stream.bernoulli(0.5) { modifiedAt = durableModifiedAt }
        durableModifiedAt = modifiedAt
        pending = []
        content = durable
    }

    /// Turns a bit over where it lies.
    func rot(bit: Int) {
        let (place, mask) = (bit / 8, UInt8(1) << UInt8(bit % 8))
        content[place] ^= mask
        if place < durable.count { durable[place] ^= mask }
        isRotten = true
    }

    /// Notes that bytes were read as others than they are.
    func misread() {
        isRotten = true
    }
}

/// A change of a file's content.
enum ContentChange {
    case write([UInt8], at: Int)
    case truncate(to: Int)

    func apply(to content: inout [UInt8]) {
        switch self {
        case .write(let bytes, let offset) where offset == content.count: content.append(contentsOf: bytes)
        case .write(let bytes, let offset):
            Self.resize(&content, to: max(content.count, offset + bytes.count))
            content.withUnsafeMutableBytes { content in
                UnsafeMutableRawBufferPointer(rebasing: content[offset..<offset + bytes.count]).copyBytes(from: bytes)
            }
        case .truncate(let byteCount): Self.resize(&content, to: byteCount)
        }
    }

    /// What is beyond the end reads as zeros.
    private static func resize(_ content: inout [UInt8], to byteCount: Int) {
        if byteCount < content.count {
            content.removeLast(content.count - byteCount)
        } else {
            content.append(contentsOf: repeatElement(0, count: byteCount - content.count))
        }
    }

    /// The part of it that is done when the machine crashes; nil for none.
    func torn(_ stream: inout RandomStream) -> ContentChange? {
        switch self {
        case .write(let bytes, let offset):
            .write(Array(bytes.prefix(stream.uniform(below: bytes.count + 1))), at: offset)
        case .truncate: nil
        }
    }
}
