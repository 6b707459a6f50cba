/// How updates come over a network.
///
/// A task offers its run's compression, and the format that a client writes plain numbers in which knows no compression or
/// not this one: both are taken, so that clients of all ages and languages work in the same run.
extension ResolvedPlan {
    /// How plain numbers are written: `live.update-encoding`, unless the strategy names a shorter format.
    var plainUpdateEncoding: TensorEncoding {
        updateCompression == nil
            ? strategy.compression?.encoding.plain ?? plan.live.updateEncoding : plan.live.updateEncoding
    }

    /// How updates are compressed; nil if plain numbers are wanted, with nothing to be kept of what they leave out.
    var updateCompression: Compression? {
        guard let compression = strategy.compression else { return nil }
        return compression.encoding.plain != nil && !compression.hasErrorFeedback ? nil : compression
    }

    /// The noise that clients add to their own updates; nil where they add none.
    var noiseRequest: NoiseRequest? { privacy?.noiseRequest }

    /// The largest magnitude of a coordinate of an update as it comes.
    var arrivalBound: Float { noiseRequest?.bound ?? Float(plan.server.updateBound) }

    /// The sizes in bytes that an update may have which is written so; nil for an encoding that was not asked for. Of one that
    /// compresses, whoever reads it knows better than the limit here.
    func updateSizes(_ encoding: UpdateEncoding, _ parameterCount: Int) -> ClosedRange<Int>? {
        if encoding == updateCompression?.encoding {
            return 0...encoding.byteLimit(parameterCount: parameterCount)
        }
        guard encoding.plain == plainUpdateEncoding else { return nil }
        let size = plainUpdateSize(parameterCount)
        return size...size
    }

    /// The bytes of an update of plain numbers, a method's messages behind it included.
    func plainUpdateSize(_ parameterCount: Int) -> Int {
        parameterCount * (1 + strategy.method.form.messages.count) * plainUpdateEncoding.bytesPerElement
    }
}
