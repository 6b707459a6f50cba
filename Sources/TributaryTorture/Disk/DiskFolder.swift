import TributaryMath

/// A folder: the names that a process sees, those that are on disk, and what lies between.
final class DiskFolder {
    private(set) var names: [String: DiskNode] = [:]
    private(set) var durableNames: [String: DiskNode] = [:]
    /// Changes of names here that nobody waited for, in order; a renaming stands in both its folders.
    private var pending: [NameChange] = []

    /// Changes that the system keeps waiting: beyond that it brings the oldest to disk unasked.
    private static let pendingLimit = 32

    /// Does the change for all to see.
    static func perform(_ change: NameChange) {
        if let old = change.old { old.folder.names[old.name] = nil }
        if let new = change.new { new.folder.names[new.name] = change.node }
        for folder in change.folders {
            folder.pending.append(change)
            if folder.pending.count > pendingLimit {
                settle(folder.pending[0])
                folder.pending.removeAll(where: \.isSettled)
            }
        }
    }

    /// All changes of names here are on disk. Of renamings those that brought a file here: where it went is what the
    /// other folder is waited for.
    func settle() {
        for change in pending where change.place.folder === self { Self.settle(change) }
        pending.removeAll(where: \.isSettled)
    }

    /// Brings a change to disk, and before it the earlier ones of the same names: a disk has no later state of a name
    /// without having gone through the earlier ones.
    private static func settle(_ change: NameChange) {
        if change.isSettled { return }
        change.isSettled = true
        for place in [change.old, change.new] {
            guard let place else { continue }
            for earlier in place.folder.pending
            where earlier.sequence < change.sequence && !earlier.isSettled && earlier.isAt(place) {
                settle(earlier)
            }
        }
        if let old = change.old { old.folder.durableNames[old.name] = nil }
        if let new = change.new { new.folder.durableNames[new.name] = change.node }
    }

    /// The machine crashed: each of the changes in the folders is on disk or not.
    static func crash(_ folders: [DiskFolder], survival: Double, _ stream: inout RandomStream) {
        var changes: [NameChange] = []
        for folder in folders { changes += folder.pending.filter { $0.place.folder === folder } }
        for change in changes.sorted(by: { $0.sequence < $1.sequence }) where stream.bernoulli(survival) {
            settle(change)
        }
        for folder in folders {
            folder.pending = []
            folder.names = folder.durableNames
        }
    }

    /// Takes the file away wherever it is known.
    func erase(_ file: DiskFile, name: String) {
        for change in pending where change.node?.is(file) == true {
            if let old = change.old, old.folder.durableNames[old.name]?.is(file) == true {
                old.folder.durableNames[old.name] = nil
            }
            change.isSettled = true
        }
        pending.removeAll(where: \.isSettled)
        if durableNames[name]?.is(file) == true { durableNames[name] = nil }
        names[name] = nil
    }
}

/// A name that was given, taken, or changed for another, perhaps not yet on disk.
final class NameChange {
    struct Place {
        var folder: DiskFolder
        var name: String
    }

    let sequence: Int
    /// The name that is no more.
    let old: Place?
    /// The name that is new.
    let new: Place?
    /// What has the new name.
    let node: DiskNode?
    var isSettled = false

    init(_ sequence: Int, old: Place? = nil, new: Place? = nil, node: DiskNode? = nil) {
        precondition(old != nil || new != nil, "something changes")
        (self.sequence, self.old, self.new, self.node) = (sequence, old, new, node)
    }

    /// The folder whose wait brings it to disk.
    var place: Place {
        guard let place = new ?? old else { preconditionFailure("something changes") }
        return place
    }

    var folders: [DiskFolder] {
        guard let old, let new, old.folder !== new.folder else { return [place.folder] }
        return [old.folder, new.folder]
    }

    func isAt(_ place: Place) -> Bool {
        [old, new].contains { $0.map { $0.folder === place.folder && $0.name == place.name } ?? false }
    }
}
