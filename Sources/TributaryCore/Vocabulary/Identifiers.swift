/// A client of the population, numbered from 0.
public struct ClientID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: UInt64

    /// The client with the given number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The client with the given number.
    public init(_ number: UInt64) {
        self.init(rawValue: number)
    }

    /// The client at the given place of the population.
    public init(index: Int) {
        self.init(rawValue: UInt64(index))
    }

    /// The client's place in the population.
    public var index: Int { Int(rawValue) }

    /// What a message calls it.
    public var description: String { "client \(rawValue)" }

    /// Whether one number is smaller than another.
    public static func < (left: ClientID, right: ClientID) -> Bool { left.rawValue < right.rawValue }
}

/// A round of a run: the first is 1, and numbers only grow.
public struct RoundNumber: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: Int

    /// The round with the given number.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// The round with the given number.
    public init(_ number: Int) {
        self.init(rawValue: number)
    }

    /// The round after this one.
    public var next: RoundNumber { RoundNumber(rawValue + 1) }

    /// What a message calls it.
    public var description: String { "round \(rawValue)" }

    /// Whether one number is smaller than another.
    public static func < (left: RoundNumber, right: RoundNumber) -> Bool { left.rawValue < right.rawValue }
}

/// A version of the global model: 0 before the first commit, one more with every commit.
public struct ModelVersion: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: Int

    /// The version with the given number.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// The version with the given number.
    public init(_ number: Int) {
        self.init(rawValue: number)
    }

    /// The version the next commit makes.
    public var next: ModelVersion { ModelVersion(rawValue + 1) }

    /// What a message calls it.
    public var description: String { "model version \(rawValue)" }

    /// Whether one number is smaller than another.
    public static func < (left: ModelVersion, right: ModelVersion) -> Bool { left.rawValue < right.rawValue }
}
