import TributaryBLAS
import TributaryMath

/// A mini-batch: some rows of a table, gathered and converted to Float32.
///
/// One batch per worker is filled again and again; its arrays may be longer than the `count` rows it holds now.
public struct Batch {
    /// The number of examples in the batch now.
    public private(set) var count = 0
    /// Features (or tokens) of one example.
    public let width: Int
    /// `count × width` features, example after example; empty for text.
    public private(set) var features: [Float] = []
    /// `count × width` tokens, window after window; empty unless the data is text.
    public private(set) var tokens: [UInt8] = []
    /// The class of every example; empty for regression.
    public private(set) var classes: [UInt16] = []
    /// The number to predict for every example; empty unless the task is regression.
    public private(set) var targets: [Float] = []

    /// The feature columns that are not zero throughout, if somebody looked.
    private var columns: [Int32] = []
    private var columnCount: Int?
    private var seen: [UInt8] = []
    private var capacity = 0

    /// An empty batch of examples with `width` features each.
    public init(width: Int) {
        self.width = width
    }

    /// Replaces the batch by the given rows of a table of the same width.
    public mutating func gather(_ rows: ArraySlice<UInt32>, from examples: Examples) {
        precondition(examples.width == width, "a batch of another width than its table")
        count = rows.count
        columnCount = nil
        if count > capacity { grow(for: examples) }
        rows.withUnsafeBufferPointer { rows in
            switch examples.features {
            case .bytes(let bytes, let scale): gatherBytes(bytes, rows, scale: scale)
            case .numbers(let numbers): gatherNumbers(numbers, rows)
            case .windows(let text, let starts): gatherWindows(text, starts, rows)
            }
            switch examples.labels {
            case .classes(let labels, _): for (place, row) in rows.enumerated() { classes[place] = labels[Int(row)] }
            case .numbers(let numbers): for (place, row) in rows.enumerated() { targets[place] = numbers[Int(row)] }
            }
        }
    }

    /// The features as a matrix, with the columns worth multiplying.
    func withFeatures<Result>(_ body: (MatrixView, ActiveColumns?) -> Result) -> Result {
        features.withUnsafeBufferPointer { features in
            columns.withUnsafeBufferPointer { columns in
                var active: ActiveColumns?
                if let columnCount, let base = columns.baseAddress {
                    active = ActiveColumns(base, count: columnCount)
                }
                // An empty batch has no memory; any address serves a matrix of no rows.
                let base = features.baseAddress ?? UnsafePointer(bitPattern: 64).unsafelyUnwrapped
                return body(MatrixView(base, rows: count, columns: width), active)
            }
        }
    }

    private mutating func grow(for examples: Examples) {
        capacity = count
        if case .windows = examples.features {
            tokens = [UInt8](repeating: 0, count: capacity * width)
        } else {
            features = [Float](repeating: 0, count: capacity * width)
            columns = [Int32](repeating: 0, count: width + 1)
            seen = [UInt8](repeating: 0, count: width)
        }
        switch examples.labels {
        case .classes: classes = [UInt16](repeating: 0, count: capacity)
        case .numbers: targets = [Float](repeating: 0, count: capacity)
        }
    }

    private mutating func gatherBytes(_ bytes: [UInt8], _ rows: UnsafeBufferPointer<UInt32>, scale: Float) {
        let tableRows = width > 0 ? bytes.count / width : 0
        precondition(rows.allSatisfy { $0 < tableRows }, "a row outside its table")
        bytes.withUnsafeBufferPointer { bytes in
            features.withUnsafeMutableBufferPointer { features in
                seen.withUnsafeMutableBufferPointer { seen in
                    columns.withUnsafeMutableBufferPointer { columns in
                        guard let bytes = bytes.baseAddress, let features = features.baseAddress,
                            let seen = seen.baseAddress, let columns = columns.baseAddress
                        else { return }
                        columnCount = KernelLevel.best.gatherBytes(
                            bytes, rows: rows, width: width, scale: scale, into: features, seen: seen,
                            columns: columns)
                    }
                }
            }
        }
    }

    private mutating func gatherNumbers(_ numbers: [Float], _ rows: UnsafeBufferPointer<UInt32>) {
        numbers.withUnsafeBufferPointer { numbers in
            features.withUnsafeMutableBufferPointer { features in
                for (place, row) in rows.enumerated() {
                    let source = numbers[Int(row) * width..<(Int(row) + 1) * width]
                    _ = UnsafeMutableBufferPointer(rebasing: features[place * width..<(place + 1) * width])
                        .update(fromContentsOf: source)
                }
            }
        }
    }

    private mutating func gatherWindows(_ text: [UInt8], _ starts: [UInt32], _ rows: UnsafeBufferPointer<UInt32>) {
        text.withUnsafeBufferPointer { text in
            tokens.withUnsafeMutableBufferPointer { tokens in
                for (place, row) in rows.enumerated() {
                    let start = Int(starts[Int(row)])
                    _ = UnsafeMutableBufferPointer(rebasing: tokens[place * width..<(place + 1) * width])
                        .update(fromContentsOf: text[start..<start + width])
                }
            }
        }
    }
}
