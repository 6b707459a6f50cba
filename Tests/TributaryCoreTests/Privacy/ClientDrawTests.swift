import Testing
import TributaryCore
import TributaryMath

/// Who is drawn for a round: every client by itself, with the probability that the plan says, and by nothing but the secret.
@Suite struct ClientDrawTests {
    private static func key(_ seed: UInt64) -> NoiseKey {
        var stream = Seed(seed).derived("draws").stream()
        return NoiseKey.random(using: &stream)
    }

    private static func drawn(_ draw: ClientDraw, of clients: some Sequence<UInt64>) -> Set<UInt64> {
        Set(clients.filter { draw.isDrawn(ClientID($0)) })
    }

    /// By another implementation of ChaCha20 (RFC 8439) and of the keys' derivation. A round that is played again by a later
    /// version has to have the same draw.
    @Test func theDrawIsAsItWasWrittenDown() throws {
        let key = try #require(NoiseKey(bytes: (0..<32).map { UInt8($0) }))
        let expected: [Int: Set<UInt64>] = [
            1: [2, 5, 11, 12, 14, 16, 20, 21, 22, 24, 26, 29, 30, 31, 35, 37], 2: [3, 7, 10, 14, 23, 25, 28, 35, 37],
            1000: [6, 9, 13, 14, 15, 16, 20, 22, 28, 32, 33, 36, 40],
        ]
        for (round, clients) in expected {
            let draw = ClientDraw(of: RoundNumber(round), key: key, expected: 3, population: 10)
            #expect(Self.drawn(draw, of: 1...40) == clients)
        }
        let draw = ClientDraw(of: RoundNumber(1), key: key, expected: 1, population: 4)
        let large = (0..<30 as Range<UInt64>).filter { draw.isDrawn(ClientID(1 << 63 + $0 << 32 + 5)) }
        #expect(large == [4, 5, 7, 14, 17, 25, 28])
    }

    /// Six standard deviations of a binomial count: one right implementation in 10⁹ would fail.
    private static func expectCount(_ count: Int, of trials: Int, with probability: Double, _ what: String) {
        let deviation = (Double(trials) * probability * (1 - probability)).squareRoot()
        #expect(abs(Double(count) - Double(trials) * probability) < 6 * deviation + 2, "\(what): \(count) of \(trials)")
    }

    @Test(arguments: [(1, 10), (30, 1000), (2, 3), (1, 1_000_000_000), (999, 1000)])
    func everyClientIsDrawnByItselfWithOneProbability(expected: Int, population: Int) {
        let (rounds, clients, rate) = (100, 400, Double(expected) / Double(population))
        for seed in 0..<2 as Range<UInt64> {
            var (byClient, total, again, neighbours) = ([Int](repeating: 0, count: clients), 0, 0, 0)
            var (before, squares): ([Bool], Double) = ([], 0)
            for round in 1...rounds {
                let draw = ClientDraw(
                    of: RoundNumber(round), key: Self.key(seed), expected: expected, population: population)
                let drawn = (0..<clients).map { draw.isDrawn(ClientID(index: $0)) }
                for (place, isDrawn) in drawn.enumerated() where isDrawn { byClient[place] += 1 }
                let size = drawn.count { $0 }
                total += size
                squares += (Double(size) - Double(clients) * rate) * (Double(size) - Double(clients) * rate)
                again += zip(before, drawn).count { $0 && $1 }
                neighbours += zip(drawn, drawn.dropFirst()).count { $0 && $1 }
                before = drawn
            }
            Self.expectCount(total, of: rounds * clients, with: rate, "all")
            for count in byClient { Self.expectCount(count, of: rounds, with: rate, "one client") }
            // Neither from round to round nor from client to client does one draw tell of another.
            Self.expectCount(again, of: (rounds - 1) * clients, with: rate * rate, "twice in a row")
            Self.expectCount(neighbours, of: rounds * (clients - 1), with: rate * rate, "side by side")
            // The sizes vary as sums of independent draws do. A variance from 100 of them is off by 14 % as a rule.
            let variance = Double(clients) * rate * (1 - rate)
            guard variance > 1 else { continue }
            #expect(abs(squares / Double(rounds) / variance - 1) < 0.9)
        }
    }

    @Test func withoutTheSecretNothingIsKnownOfADraw() {
        let clients = 1...2000 as ClosedRange<UInt64>
        func draw(_ seed: UInt64, _ round: Int) -> Set<UInt64> {
            Self.drawn(ClientDraw(of: RoundNumber(round), key: Self.key(seed), expected: 1, population: 4), of: clients)
        }
        #expect(draw(1, 1) == draw(1, 1))
        for (seed, round) in [(1, 2), (2, 1), (1, 1 << 32 + 1)] as [(UInt64, Int)] {
            let both = draw(1, 1).intersection(draw(seed, round)).count
            Self.expectCount(both, of: 2000, with: 1 / 16, "secret \(seed), \(round)")
        }
        var text = ""
        dump(ClientDraw(of: RoundNumber(1), key: Self.key(1), expected: 1, population: 4), to: &text)
        #expect(text.contains("redacted"))
    }

    @Test func whereAsManyAreWantedAsThereAreEverybodyIsDrawn() {
        let draw = ClientDraw(of: RoundNumber(1), key: Self.key(1), expected: 7, population: 7)
        #expect(Self.drawn(draw, of: 0..<1000).count == 1000)
    }
}
