import TributaryCore

/// What the clients of a round do that takes energy.
extension RoundSimulation {
    /// Notes a download, and the training until a client has done it or is lost.
    mutating func noteWork(of place: Int, _ timeline: InvitationTimeline, _ fate: Fate) {
        guard countsEnergy else { return }
        let client = cohort[place]
        guard fate.ending != .beforeTraining else {
            let lost = InvitationTimeline.instant(fate.progress, from: now, to: timeline.downloaded)
            uses.append(EnergyUse(.download, of: client, from: now, to: lost))
            return
        }
        uses.append(EnergyUse(.download, of: client, from: now, to: timeline.downloaded, bytes: bytesDown(to: client)))
        var end = timeline.trained
        if fate.ending == .duringTraining || fate.ending == .stalls {
            end = InvitationTimeline.instant(fate.progress, from: timeline.downloaded, to: end)
        }
        uses.append(EnergyUse(.training, of: client, from: timeline.downloaded, to: end))
    }

    /// Notes that a client sends, if it gets that far before the round ends. The bytes are those that arrive.
    mutating func noteSending(of place: Int, from start: Instant, to end: Instant) {
        guard countsEnergy else { return }
        uses.append(EnergyUse(.upload, of: cohort[place], from: start, to: end))
    }

    /// Counts bytes that have arrived, for the whole time that they were on their way.
    mutating func noteArrival(of place: Int, bytes: Int) {
        traffic.bytesUp += bytes
        guard countsEnergy else { return }
        let start = now.advanced(by: .zero - members[place].uploadTime)
        // The device's own part is noted already.
        var use = EnergyUse(.upload, of: cohort[place], from: start, to: now, bytes: bytes)
        use.isOnNetworkAlone = true
        uses.append(use)
    }

    /// Counts what a client is sent, and that it has the model from now on.
    mutating func noteDownload(to client: ClientID) {
        traffic.bytesDown += bytesDown(to: client)
        if federation.state.downloads != nil { receivers.append(client) }
    }

    /// Counts the model on its way to those who were asked for its loss and are not part of the round.
    mutating func noteAsked(_ clients: [ClientID]) {
        for client in clients { traffic.bytesDown += modelBytes(to: client) }
        if federation.state.downloads != nil { receivers += clients }
        guard countsEnergy else { return }
        for client in clients {
            uses.append(EnergyUse(.download, of: client, from: now, to: now, bytes: modelBytes(to: client)))
        }
    }
}
