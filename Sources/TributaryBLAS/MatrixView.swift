/// A row-major matrix in memory that somebody else owns.
///
/// `stride` is the distance between rows in elements. It may be smaller than `columns`: a convolution reads a padded
/// image as overlapping rows.
package struct MatrixView {
    /// The first element.
    package let base: UnsafePointer<Float>
    /// The number of rows.
    package let rows: Int
    /// The number of columns.
    package let columns: Int
    /// The distance between rows in elements.
    package let stride: Int

    /// A matrix whose rows follow one another, unless `stride` says otherwise.
    package init(_ base: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    /// A matrix that is only read from here on.
    package init(_ matrix: MutableMatrixView) {
        self.init(UnsafePointer(matrix.base), rows: matrix.rows, columns: matrix.columns, stride: matrix.stride)
    }
}

/// A row-major matrix in memory that somebody else owns, to be written.
package struct MutableMatrixView {
    /// The first element.
    package let base: UnsafeMutablePointer<Float>
    /// The number of rows.
    package let rows: Int
    /// The number of columns.
    package let columns: Int
    /// The distance between rows in elements.
    package let stride: Int

    /// A matrix whose rows follow one another, unless `stride` says otherwise.
    package init(_ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }
}

/// The columns of a matrix that are not zero throughout; products skip the others.
package struct ActiveColumns {
    /// The columns' numbers, ascending.
    package let base: UnsafePointer<Int32>
    /// How many there are.
    package let count: Int

    /// The `count` columns listed at `base`.
    package init(_ base: UnsafePointer<Int32>, count: Int) {
        self.base = base
        self.count = count
    }
}
