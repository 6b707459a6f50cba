import Testing
import TributaryCore

@Suite struct ScoreTests {
    @Test func aFederatedScoreWeighsTheMeanByExamplesAndTheSpreadByClients() throws {
        let evaluations =
            (1...20).map {
                Evaluation(exampleCount: $0, lossSum: Double($0), correctCount: $0 / 2)
            } + [.empty]
        let score = try #require(FederatedScore(evaluations))
        #expect(score.clientCount == 20)
        #expect(score.mean.exampleCount == 210 && score.mean.loss == 1)
        #expect(score.mean.accuracy == 100.0 / 210)
        let accuracies = (1...20).map { Double($0 / 2) / Double($0) }.sorted()
        let spread = try #require(score.accuracy)
        #expect(abs(spread.mean - accuracies.reduce(0, +) / 20) < 1e-12)
        #expect(abs(spread.worstTenth - (accuracies[0] + accuracies[1]) / 2) < 1e-12)
        #expect(spread.quantiles.first == accuracies.first && spread.quantiles.last == accuracies.last)
        #expect(abs(spread.quantiles[3] - (accuracies[9] + accuracies[10]) / 2) < 1e-12)
        #expect(score.loss.variance == 0 && score.loss.worstTenth == 1)
        #expect(FederatedScore([.empty]) == nil)
    }

    @Test(arguments: [[Double.nan, 1, 2], [2, -.nan, 1], [1, -.nan, .nan, 2]])
    func aDivergedClientIsTheWorstOne(losses: [Double]) throws {
        // Processors give ∞ − ∞ as a NaN with its sign set.
        let evaluations = losses.map { Evaluation(exampleCount: 1, lossSum: $0, correctCount: nil) }
        let score = try #require(FederatedScore(evaluations))
        #expect(score.loss.worstTenth.isNaN && score.loss.bestTenth == 1)
        #expect(score.accuracy == nil)
    }

    @Test func evaluationsMergeBySums() {
        var total = Evaluation.empty
        total.merge(Evaluation(exampleCount: 2, lossSum: 3, correctCount: 1))
        total.merge(.empty)
        total.merge(Evaluation(exampleCount: 2, lossSum: 1, correctCount: 2))
        #expect(total == Evaluation(exampleCount: 4, lossSum: 4, correctCount: 3))
        #expect(total.accuracy == 0.75 && total.loss == 1)
    }
}
