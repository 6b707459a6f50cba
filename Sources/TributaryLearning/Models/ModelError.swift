/// Why a model cannot be made or cannot train on a data set. The description is one line that says what to do.
public struct ModelError: Error, Hashable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// The text names no model we know, or its sizes cannot be read.
        case malformedSpec
        /// The model cannot work with this kind of data.
        case unsuitableData
        /// The data contradicts itself: a label or token out of range, tables of different shapes.
        case inconsistentData
    }

    /// What went wrong.
    public let code: Code
    /// What is wrong and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
