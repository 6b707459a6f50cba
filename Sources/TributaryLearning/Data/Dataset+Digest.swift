import Crypto

extension Dataset {
    /// SHA-256, in hexadecimal, of every example of both tables, as training sees them, and of whose they are by nature.
    ///
    /// Two data sets with one digest train to the same model; a resumed run asks for the one it was begun with.
    public var sha256: String {
        var hash = SHA256()
        train.update(&hash)
        test?.update(&hash)
        naturalClients?.owners.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().hexadecimal
    }
}

extension Examples {
    fileprivate func update(_ hash: inout SHA256) {
        switch features {
        case .bytes(let bytes, _): bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        case .numbers(let numbers): numbers.withUnsafeBytes { hash.update(bufferPointer: $0) }
        case .windows(let text, let starts):
            text.withUnsafeBytes { hash.update(bufferPointer: $0) }
            starts.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        switch labels {
        case .classes(let classes, _): classes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        case .numbers(let numbers): numbers.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
    }
}
