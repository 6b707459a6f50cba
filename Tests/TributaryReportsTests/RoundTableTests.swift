import Testing
import TributaryCore
import TributaryReports

struct RoundTableTests {
    private func cells(_ round: RoundSummary) -> [String: String] {
        let names = RoundTable.header.dropLast().split(separator: ",").map(String.init)
        let values = RoundTable.row(round).dropLast().split(separator: ",", omittingEmptySubsequences: false)
        #expect(names.count == values.count)
        return Dictionary(zip(names, values.map(String.init)), uniquingKeysWith: { first, _ in first })
    }

    @Test func theFirstColumnsAreRoundAccuracyLoss() {
        #expect(RoundTable.header.hasPrefix("round,test_accuracy,test_loss,"))
        let names = RoundTable.header.dropLast().split(separator: ",")
        #expect(Set(names).count == names.count)
        for cause in DropCause.allCases {
            #expect(names.contains { $0 == "dropped_" + cause.rawValue.split(separator: "-").joined(separator: "_") })
        }
    }

    @Test func numbersKeepAllTheirDigits() throws {
        for round in SyntheticRun(roundCount: 50).rounds() {
            let row = cells(round)
            #expect(row["test_loss"].flatMap(Double.init) == round.test?.loss)
            #expect(row["virtual_elapsed"].flatMap(Double.init) == round.timing.virtualElapsed)
            #expect(row["federated_loss_p90"].flatMap(Double.init) == round.federated?.loss.quantiles[5])
            #expect(row["update_norm_largest"].flatMap(Double.init) == round.updateNorms?.largest)
            let dropped = DropCause.allCases.reduce(0) { sum, cause in
                let name = "dropped_" + cause.rawValue.split(separator: "-").joined(separator: "_")
                return sum + (row[name].flatMap { Int($0) } ?? 0)
            }
            #expect(dropped == round.participation.droppedCount)
        }
    }

    @Test func energyHasColumnsOnlyWhereItIsCounted() {
        var round = RoundSummary(round: .init(1), outcome: .committed, modelVersion: .init(1), learningRate: 0.1)
        #expect(RoundTable.csv([round]) == RoundTable.header + RoundTable.row(round))
        round.energy = RoundSummary.Energy()
        round.energy?.training = .init(kilowattHours: 0.25, grams: 100.5)
        let lines = RoundTable.csv([round]).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(
            lines[0].suffix(8).joined(separator: " ")
                == "training_kwh training_gco2e download_kwh download_gco2e upload_kwh upload_gco2e server_kwh server_gco2e"
        )
        #expect(lines[1].suffix(8) == ["0.25", "100.5", "0.0", "", "0.0", "", "0.0", ""])
        #expect(lines[0].count == lines[1].count)
    }

    @Test func clientsOwnModelsHaveColumnsOnlyWhereTheyAreScored() throws {
        var round = RoundSummary(round: .init(1), outcome: .committed, modelVersion: .init(1), learningRate: 0.1)
        #expect(RoundTable.csv([round]) == RoundTable.header + RoundTable.row(round))
        round.personal = FederatedScore([
            Evaluation(exampleCount: 4, lossSum: 2, correctCount: 3),
            Evaluation(exampleCount: 4, lossSum: 6, correctCount: 1),
        ])
        let lines = RoundTable.csv([round]).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(lines[0].count == lines[1].count)
        let cells = Dictionary(zip(lines[0], lines[1])) { first, _ in first }
        #expect(cells["personal_clients"] == "2" && cells["personal_accuracy"] == "0.5")
        #expect(cells["personal_loss"] == "1.0" && cells["personal_accuracy_worst_tenth"] == "0.25")
        #expect(cells["personal_loss_worst_tenth"] == "1.5" && cells["personal_loss_variance"] == "0.25")
    }

    @Test func whatWasNotEvaluatedIsEmptyAndWhatIsNotFiniteIsSaid() {
        var round = RoundSummary(
            round: .init(7), outcome: .abandoned, modelVersion: .init(3), learningRate: 0.05)
        #expect(RoundTable.row(round).hasPrefix("7,,,abandoned,3,0.05,,,"))
        round.test = Score(exampleCount: 10, loss: .nan, accuracy: nil)
        round.trainLoss = -.infinity
        #expect(cells(round)["test_loss"] == "nan")
        #expect(cells(round)["train_loss"] == "-inf")
        #expect(cells(round)["test_accuracy"] == "")
    }
}
