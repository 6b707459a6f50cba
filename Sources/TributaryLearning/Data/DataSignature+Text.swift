extension DataSignature: CustomStringConvertible {
    /// The line that ``init(_:)`` reads.
    public var description: String {
        let features =
            switch self.features {
            case .bytes(let shape): "u8\(Self.text(shape))"
            case .numbers(let shape): "f32\(Self.text(shape))"
            case .tokens(let window, let vocabulary): "tokens[\(window) of \(vocabulary)]"
            }
        let labels = classCount.map { "\($0) classes" } ?? "number"
        return "\(features) -> \(labels)" + (columns.map { "; columns \($0)" } ?? "")
    }

    private static func text(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ","))]" }

    /// Reads a signature's line; nil if the text is none, or if it speaks of more than any data set has.
    public init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        var rest = text[...]
        var columns: String?
        if let mark = rest.firstRange(of: "; columns ") {
            let digest = rest[mark.upperBound...]
            guard digest.utf8.count == 8, digest.utf8.allSatisfy(Self.isHexadecimal) else { return nil }
            columns = String(digest)
            rest = rest[..<mark.lowerBound]
        }
        guard let arrow = rest.firstRange(of: " -> "), let features = Features(rest[..<arrow.lowerBound]),
            let labels = Labels(rest[arrow.upperBound...])
        else { return nil }
        self.init(features: features, labels: labels, columns: columns)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }

    /// Extents, their product and a number of classes stay below these, so that no later arithmetic overflows.
    fileprivate static let mostFeatures = 1 << 28
    fileprivate static let mostClasses = 1 << 16
}

extension DataSignature.Features {
    fileprivate init?(_ text: Substring) {
        guard text.hasSuffix("]"), let bracket = text.firstIndex(of: "[") else { return nil }
        let inside = text[text.index(after: bracket)...].dropLast()
        switch text[..<bracket] {
        case "u8":
            guard let shape = Self.shape(inside) else { return nil }
            self = .bytes(shape)
        case "f32":
            guard let shape = Self.shape(inside) else { return nil }
            self = .numbers(shape)
        case "tokens":
            guard let of = inside.firstRange(of: " of "),
                let window = positive(inside[..<of.lowerBound], atMost: DataSignature.mostFeatures),
                let vocabulary = positive(inside[of.upperBound...], atMost: DataSignature.mostClasses)
            else { return nil }
            self = .tokens(window: window, vocabulary: vocabulary)
        default: return nil
        }
    }

    private static func shape(_ text: Substring) -> [Int]? {
        var product = 1
        var shape: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard shape.count < 8, let extent = positive(part, atMost: DataSignature.mostFeatures / product) else {
                return nil
            }
            product *= extent
            shape.append(extent)
        }
        return shape
    }
}

extension DataSignature.Labels {
    fileprivate init?(_ text: Substring) {
        if text == "number" {
            self = .number
        } else if text.hasSuffix(" classes"), let count = positive(text.dropLast(8), atMost: DataSignature.mostClasses)
        {
            self = .classes(count)
        } else {
            return nil
        }
    }
}

/// A whole number from 1 in its shortest form.
private func positive(_ text: Substring, atMost limit: Int) -> Int? {
    guard let number = Int(text), number >= 1, number <= limit, String(number) == text else { return nil }
    return number
}
