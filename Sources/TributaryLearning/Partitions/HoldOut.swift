/// The shares of a client's rows that it does not train on.
public struct HoldOut: Hashable, Sendable {
    /// The share to tune or stop by.
    public let validation: Double
    /// The share to be evaluated on.
    public let test: Double

    /// Nothing held out.
    public static let none = HoldOut()

    private init() {
        (validation, test) = (0, 0)
    }

    /// Shares that leave something to train on.
    public init(validation: Double = 0, test: Double = 0) throws(DatasetError) {
        guard validation >= 0, test >= 0, validation + test < 1 else {
            throw .badRequest(
                "held-out fractions of \(validation) and \(test): each is 0 or more, and both together less than 1")
        }
        (self.validation, self.test) = (validation, test)
    }

    /// How many of `count` rows go where. Held-out parts are rounded down, so a client with a row can train.
    func counts(of count: Int) -> (train: Int, validation: Int, test: Int) {
        // The small addition makes 0.1 of 30 three, whatever binary fractions say.
        let heldOut = (Int(Double(count) * validation + 1e-9), Int(Double(count) * test + 1e-9))
        let train = max(count > 0 ? 1 : 0, count - heldOut.0 - heldOut.1)
        let tested = min(heldOut.1, count - train)
        return (train, count - train - tested, tested)
    }
}
