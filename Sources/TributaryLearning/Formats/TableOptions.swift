/// A column by its name in the header or by its number, counted from 1; a negative number counts from the end.
public enum ColumnReference: Hashable, Sendable, CustomStringConvertible {
    /// The column the header calls so.
    case name(String)
    /// The column with this number: 1 is the first, −1 the last.
    case number(Int)

    /// A whole number is a column's number, anything else a name.
    public init(_ text: String) {
        self = Int(text).map { .number($0) } ?? .name(text)
    }

    /// The column as an error names it.
    public var description: String {
        switch self {
        case .name(let name): "“\(name)”"
        case .number(let number): "\(number)"
        }
    }
}

/// How a user's table of numbers and words becomes examples.
public struct TableOptions: Sendable {
    /// What the label column means.
    public enum Task: String, Sendable, CaseIterable {
        /// Regression if the labels are numbers with many distinct values (more than 100, or more than 10 where any
        /// has a fraction), else classes.
        case automatic
        /// Every distinct label is a class.
        case classification
        /// Labels are numbers to be predicted.
        case regression
    }

    /// What happens to a row in which a number is missing.
    public enum MissingNumbers: String, Sendable, CaseIterable {
        /// The mean of the column's training rows takes its place.
        case mean
        /// The row is left out.
        case dropRow = "drop-row"
    }

    /// The delimiter; nil decides by the file's name: a tab for `.tsv` and `.tab`, else a comma.
    public var delimiter: Character?
    /// Whether the first row is a header; nil decides by its looks: a header has no numbers and no empty fields.
    public var hasHeader: Bool?
    /// The column to be predicted.
    public var label: ColumnReference = .number(-1)
    /// What the label means.
    public var task = Task.automatic
    /// The column that names each row's client; it is not a feature then.
    public var client: ColumnReference?
    /// Columns to leave out.
    public var ignored: [ColumnReference] = []
    /// Columns of numbers that are codes: one-hot instead of a number.
    public var categorical: [ColumnReference] = []
    /// What happens to a row in which a number is missing.
    public var missingNumbers = MissingNumbers.mean
    /// Whether numeric columns are shifted and scaled to mean 0 and deviation 1 over the training rows.
    public var standardise = true
    /// The most distinct values of a one-hot column.
    public var categoryLimit = 256

    /// The defaults: comma or tab by name, header by looks, last column the label.
    public init() {}
}
