import TributaryCore
import TributaryStore

/// The clipping of updates whose sum gets noise. It is of the whole update as one vector, so its norm has to be known before
/// its first piece is added: every update is read twice.
extension ModelAssembly {
    /// Finds what every update is to be multiplied by.
    func findClipFactors(_ clip: UpdateClip) throws(ModelFailure) {
        var factors: [Double?] = []
        var first = 0
        while first < updates.count {
            let group = first..<min(first + limits.width, updates.count)
            for (place, scan) in zip(group, try scans(of: group)) {
                // A norm of other bytes than those that are added would let an update be larger than the noise is measured by.
                guard updates[place].isAsAccepted() else { continue }
                switch scan.outcome(for: clip) {
                case .unchanged: factors.append(nil)
                case .clipped: factors.append(scan.factor(for: clip))
                case .refused: updates[place].condemn()
                }
                updates[place].rewind()
            }
            first = group.upperBound
        }
        try refuseDamagedUpdates()
        clipFactors = factors
    }

    private func scans(of group: Range<Int>) throws(ModelFailure) -> [ClipScan] {
        var scans = [ClipScan](repeating: ClipScan(), count: group.count)
        var start = 0
        while start < order.parameterCount {
            let range = start..<min(start + limits.tileLength, order.parameterCount)
            let pieces = try ModelFailure.catching { () throws(StoreError) in
                try read(range, of: group, andBase: false)
            }
            for (place, piece) in pieces.enumerated() { if let piece { scans[place].see(piece) } }
            start = range.upperBound
        }
        return scans
    }

    /// Scales a piece of an update, if it is one that is clipped.
    func clip(_ piece: UnsafeMutableBufferPointer<Float>, of place: Int) {
        guard place < clipFactors.count, let factor = clipFactors[place] else { return }
        UpdateClip.scale(piece, by: factor)
    }

    /// By more than one weight, a client would move the sum further than the noise is measured by.
    static func checkPrivacy(of order: ModelOrder) throws(ModelFailure) {
        guard order.privacy != nil else { return }
        let heavy = order.contributions.filter { $0.weight != 1 }.map(\.client)
        guard heavy.isEmpty else { throw ModelFailure(result: .damagedContributions(heavy)) }
    }
}

extension ModelMaker.Limits {
    /// The limits for a private order: `ClipScan` adds up coordinates in eight lanes, and in pieces of whole lanes it finds the
    /// bits that it finds in whole updates.
    func fitting(_ privacy: PrivateSum?) -> Self {
        guard privacy != nil else { return self }
        var limits = self
        limits.tileLength = (tileLength + 7) & ~7
        return limits
    }
}
