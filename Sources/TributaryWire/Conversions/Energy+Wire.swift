public import TributaryCore

extension EnergyStatement {
    /// Reads what a client that asks for a task says of its electricity. Throws `invalid_argument`.
    public init(_ message: WirePollRequest) throws(ConnectError) {
        let field = WireField.message
        self.init(region: try field["region"].text(message.region, bytes: 0...WireLimits.regionBytes))
        guard message.hasTrainingWatts else { return }
        let watts = try field["training_watts"].finite(message.trainingWatts, atLeast: Self.wattsRange.lowerBound)
        guard Self.wattsRange.contains(watts) else {
            throw field["training_watts"].error("is \(watts); must be at most \(Self.wattsRange.upperBound)")
        }
        trainingWatts = watts
    }
}

extension WirePollRequest {
    /// Says what a client's electricity is.
    public mutating func state(_ energy: EnergyStatement) {
        region = energy.region
        if let watts = energy.trainingWatts { trainingWatts = watts }
    }
}

extension WorkTimes {
    init(_ message: WireWorkTimes, at field: WireField) throws(ConnectError) {
        self.init(
            download: try field["download_seconds"].finite(message.downloadSeconds, atLeast: 0),
            training: try field["training_seconds"].finite(message.trainingSeconds, atLeast: 0),
            upload: try field["upload_seconds"].finite(message.uploadSeconds, atLeast: 0))
    }
}

extension WireWorkTimes {
    init(_ times: WorkTimes) {
        self.init()
        (downloadSeconds, trainingSeconds, uploadSeconds) = (times.download, times.training, times.upload)
    }
}

extension WireRoundEnergy {
    /// What a round took, as a message.
    public init(_ energy: RoundSummary.Energy) {
        self.init()
        training = WireEnergyAmount(energy.training)
        download = WireEnergyAmount(energy.download)
        upload = WireEnergyAmount(energy.upload)
        server = WireEnergyAmount(energy.server)
    }
}

extension WireRoundEnergy {
    /// The parts with their names.
    public var parts: [(name: String, amount: WireEnergyAmount)] {
        [("training", training), ("download", download), ("upload", upload), ("server", server)]
    }

    /// All of it.
    public var total: WireEnergyAmount {
        var sum = WireEnergyAmount()
        for (_, part) in parts {
            sum.kwh += part.kwh
            if part.hasGrams { sum.grams += part.grams }
        }
        return sum
    }
}

extension WireEnergyAmount {
    init(_ amount: RoundSummary.Energy.Amount) {
        self.init()
        kwh = amount.kilowattHours
        if let grams = amount.grams { self.grams = grams }
    }
}

extension WireField {
    /// A table of carbon intensities, unread; nil for none.
    func trace(_ text: String) throws(ConnectError) -> String? {
        guard text.utf8.count <= WireLimits.traceBytes else {
            throw error("has \(text.utf8.count) bytes; must have \(WireLimits.traceBytes) at most")
        }
        return text.isEmpty ? nil : text
    }
}
