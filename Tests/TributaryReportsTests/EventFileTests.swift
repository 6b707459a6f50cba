import Testing
import TributaryCore
import TributaryReports

struct EventFileTests {
    /// The test vectors of RFC 3720, appendix B.4, and the catalogue's check value.
    @Test(
        arguments: [
            (Array(repeating: 0, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
            (Array("123456789".utf8), 0xE306_9283),
        ] as [([UInt8], UInt32)])
    func checksumsAreThoseOfTheStandard(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    @Test func everyScalarComesBackAtItsStep() throws {
        let rounds = SyntheticRun(roundCount: 25).rounds()
        let events = try Self.decode(EventFile.content(rounds, startedAt: 1_700_000_000.5))
        #expect(events.first?.version == "brain.Event:2")
        #expect(events.first?.wallTime == 1_700_000_000.5)
        #expect(events.dropFirst().map(\.step) == rounds.map { UInt64($0.round.rawValue) })
        for (event, round) in zip(events.dropFirst(), rounds) {
            #expect(event.scalars["accuracy/test"] == (round.test?.accuracy).map { Float($0) })
            #expect(event.scalars["loss/train"] == round.trainLoss.map { Float($0) })
            #expect(event.scalars["accuracy/federated"] == (round.federated?.mean.accuracy).map { Float($0) })
            #expect(event.scalars["participation/reported"] == Float(round.participation.reported))
            #expect(event.scalars["bytes/up"] == Float(round.traffic.bytesUp))
            #expect(event.scalars["norm/aggregate"] == (round.updateNorms?.aggregate).map { Float($0) })
        }
        let times = events.map(\.wallTime)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func theNameIsOneTensorBoardLooksFor() {
        #expect(EventFile.name(startedAt: 1_700_000_000.9) == "events.out.tfevents.1700000000.tributary")
        #expect(EventFile.name(startedAt: .nan, host: "h") == "events.out.tfevents.0000000000.h")
    }

    // MARK: - A decoder of its own, checking every checksum

    private struct Event {
        var wallTime = 0.0
        var step: UInt64 = 0
        var version: String?
        var scalars: [String: Float] = [:]
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func decode(_ file: [UInt8]) throws -> [Event] {
        var (rest, events) = (file[...], [Event]())
        while !rest.isEmpty {
            let length = rest.prefix(8)
            rest = rest.dropFirst(8)
            #expect(number(rest.prefix(4)) == UInt64(CRC32C.masked(length)))
            rest = rest.dropFirst(4)
            let data = rest.prefix(Int(number(length)))
            try #require(data.count == Int(number(length)))
            rest = rest.dropFirst(data.count)
            #expect(number(rest.prefix(4)) == UInt64(CRC32C.masked(data)))
            rest = rest.dropFirst(4)
            events.append(event(data))
        }
        return events
    }

    private static func event(_ data: ArraySlice<UInt8>) -> Event {
        var event = Event()
        for (field, content) in fields(data) {
            switch field {
            case 1: event.wallTime = Double(bitPattern: number(content))
            case 2: event.step = number(content)
            case 3: event.version = String(decoding: content, as: UTF8.self)
            case 5:
                for (_, value) in fields(content) {
                    let parts = Dictionary(fields(value), uniquingKeysWith: { first, _ in first })
                    let tag = String(decoding: parts[1] ?? [], as: UTF8.self)
                    event.scalars[tag] = Float(bitPattern: UInt32(truncatingIfNeeded: number(parts[2] ?? [])))
                }
            default: Issue.record("field \(field) is not part of an event")
            }
        }
        return event
    }

    /// Fields with their content; a varint is given as eight little-endian bytes.
    private static func fields(_ data: ArraySlice<UInt8>) -> [(UInt64, ArraySlice<UInt8>)] {
        var (rest, result) = (data, [(UInt64, ArraySlice<UInt8>)]())
        func varint() -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while let byte = rest.popFirst() {
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            return value
        }
        while !rest.isEmpty {
            let key = varint()
            switch key & 7 {
            case 0:
                let value = varint()
                result.append((key >> 3, (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }[...]))
                continue
            case 1: result.append((key >> 3, rest.prefix(8)))
            case 2:
                let length = Int(clamping: varint())
                result.append((key >> 3, rest.prefix(length)))
            default: result.append((key >> 3, rest.prefix(4)))
            }
            rest = rest.dropFirst(result.last?.1.count ?? 0)
        }
        return result
    }
}
