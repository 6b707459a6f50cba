/// Why a store did not do what it was asked to.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Hashable, Sendable {
        /// There is no room: nothing was written; it may work later.
        case full
        /// The file system or the database refused; it may work later.
        case io
        /// What is stored is not what was written.
        case damaged
        /// The row is there already.
        case conflict
        /// It was written by a version of Tributary that this one does not understand, or another process uses it.
        case unusable
        /// The store is closed.
        case closed
    }

    /// What kind of trouble it is.
    public var code: Code
    /// One line that names the thing, the trouble and what to do about it.
    public var description: String

    /// An error with both its parts.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
