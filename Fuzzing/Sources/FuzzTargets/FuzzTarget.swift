/// A decoder of bytes from outside. Whatever the bytes, it must neither trap nor take long.
public struct FuzzTarget: Sendable {
    /// What it is called on the command line.
    public let name: String
    /// Good inputs, from which damaged ones are made.
    public let seeds: [[UInt8]]
    /// Decodes an input. Traps where what was read does not come back as it was written.
    public let run: @Sendable ([UInt8]) -> Void

    init(_ name: String, seeds: [[UInt8]], run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }

    init(_ name: String, texts: [String], run: @escaping @Sendable (String) -> Void) {
        self.init(name, seeds: texts.map { Array($0.utf8) }) { run(String(decoding: $0, as: UTF8.self)) }
    }

    /// All of them.
    public static let all = messages + headers + files + updates + differences

    /// The one of the given name.
    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
