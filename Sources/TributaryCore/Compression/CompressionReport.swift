/// What an encoding made of an update.
public struct CompressionReport: Hashable, Sendable, Codable {
    /// The coordinates.
    public var parameterCount: Int
    /// The bytes of the message.
    public var byteCount: Int
    /// ‖v̂ − v‖² / ‖v‖², where v is what was encoded and v̂ what is decoded: 0 if they are the same.
    public var relativeError: Double

    /// A report on an update, its message's size, and what is decoded.
    public init(_ update: [Float], byteCount: Int, decoded: [Float]) {
        precondition(update.count == decoded.count, "what was decoded has another length than what was encoded")
        parameterCount = update.count
        self.byteCount = byteCount
        var (error, size) = (0.0, 0.0)
        for place in update.indices {
            let (number, back) = (Double(update[place]), Double(decoded[place]))
            error += (back - number) * (back - number)
            size += number * number
        }
        relativeError = error == 0 ? 0 : error / size
    }

    /// Bits a coordinate.
    public var bitsPerCoordinate: Double { parameterCount == 0 ? 0 : 8 * Double(byteCount) / Double(parameterCount) }

    /// How many times shorter the message is than single precision.
    public var ratio: Double { byteCount == 0 ? 1 : 4 * Double(parameterCount) / Double(byteCount) }
}
