/// A falsification of labels before training: the update is honest work on wrong data.
public enum LabelFlip: Hashable, Sendable {
    /// Every label y of C classes becomes C − 1 − y.
    case reversed
    /// One class passes as another; the others stay.
    case one(from: Int, to: Int)

    /// The false label of an example of class `label`, of `classCount`.
    public func label(_ label: Int, classCount: Int) -> Int {
        precondition((0..<classCount).contains(label), "a label outside the classes")
        switch self {
        case .reversed: return classCount - 1 - label
        case .one(let from, let to):
            precondition((0..<classCount).contains(to), "a class that does not exist")
            return label == from ? to : label
        }
    }
}
