import TributaryCore

extension RunReport {
    /// The data, the model and the machine.
    func writeRun(to html: inout HTML) {
        Page.section("Run", in: &html) { html in
            html.element("div", #"class="grid""#) { html in
                for table in [dataTable, machineTable] {
                    html.element("div", #"class="panel""#) { table.write(to: &$0) }
                }
            }
        }
    }

    private var dataTable: Table {
        let (data, model) = (record.data, record.model)
        var rows = [
            ["Data set", data.set], ["Examples at clients", Figures.count(data.trainExamples)],
            ["Examples in the central test set", Figures.count(data.testExamples)],
            ["Classes", data.classes.map { Figures.count($0) } ?? "none (regression)"],
            ["Clients", Figures.count(data.clients)], ["Partition", data.partition],
        ]
        if let sizes = data.shardSizes, sizes.count == 3 {
            let text = sizes.map { Figures.count($0) }
            rows.append(["Examples of a client", "\(text[0]) to \(text[2]), median \(text[1])"])
        }
        rows += [["Model", model.name], ["Parameters", Figures.count(model.parameters)]]
        if let digest = model.sha256 { rows.append(["SHA-256 of model.safetensors", digest]) }
        return Table(caption: "Data and model", header: [], rows: rows)
    }

    private var machineTable: Table {
        let machine = record.machine
        var rows = [
            ["Tributary", record.version], ["Swift", machine.swift], ["BLAS", machine.blas],
            ["Processor", machine.processor], ["Logical processors", Figures.count(machine.cores)],
            ["Workers", Figures.count(machine.workers)], ["Memory", Figures.bytes(Double(machine.memoryBytes))],
            ["System", machine.system],
        ]
        if record.totals.peakMemoryBytes > 0 {
            rows.append(["Memory used at most", Figures.bytes(Double(record.totals.peakMemoryBytes))])
        }
        return Table(caption: "Machine and versions", header: [], rows: rows)
    }

    /// The plan with its defaults, section by section.
    func writePlan(to html: inout HTML) {
        if record.plan.isEmpty { return }
        Page.section("Plan", in: &html) { html in
            html.element("div", #"class="grid""#) { html in
                for (section, entries) in record.plan.sorted(by: { $0.key < $1.key }) where !entries.isEmpty {
                    let rows = entries.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
                    html.element("div", #"class="panel""#) { html in
                        html.element("h3", "", section)
                        Table(caption: "", header: [], rows: rows).write(to: &html)
                    }
                }
            }
        }
    }

    /// The figures behind the charts, thinned where there are very many rounds.
    func writeRounds(to html: inout HTML) {
        let every = (rounds.count + 249) / 250
        let shown = rounds.indices.filter { $0 % every == 0 || $0 == rounds.count - 1 }.map { rounds[$0] }
        let remark = every == 1 ? "All rounds" : "One round in \(every) and the last; all are in rounds.csv"
        html.element("section", #"class="rounds""#) { html in
            html.element("h2", "", "Rounds")
            html.element("details", #"class="panel""#) { html in
                html.element("summary", "", "Table of rounds")
                Table(
                    caption: "\(remark). A dash stands where a figure was not taken.",
                    header: [
                        "Round", "Outcome", "Test accuracy", "Test loss", "Clients' accuracy", "Clients' loss",
                        "Training loss", "Invited", "Reported", "Dropped", "Down", "Up", "Length",
                    ], rows: shown.map(Self.row), numeric: 2..<13
                ).write(to: &html)
            }
        }
    }

    private static func row(_ round: RoundSummary) -> [String] {
        [
            Figures.count(round.round.rawValue), round.outcome.rawValue,
            round.test?.accuracy.map { Figures.percent($0) } ?? "–", round.test.map { Figures.number($0.loss) } ?? "–",
            round.federated?.mean.accuracy.map { Figures.percent($0) } ?? "–",
            round.federated.map { Figures.number($0.mean.loss) } ?? "–",
            round.trainLoss.map { Figures.number($0) } ?? "–", Figures.count(round.participation.invited),
            Figures.count(round.participation.reported), Figures.count(round.participation.droppedCount),
            Figures.bytes(Double(round.traffic.bytesDown)), Figures.bytes(Double(round.traffic.bytesUp)),
            Figures.seconds(round.timing.virtualSeconds),
        ]
    }

    /// What it takes to get the same run again.
    func writeRepetition(to html: inout HTML) {
        Page.section("To repeat this run", in: &html) { html in
            html.element("div", #"class="panel""#) { html in
                html.element(
                    "p", "",
                    "Every random choice of the run follows from its seed, \(record.seed). Run the plan above with that "
                        + "seed on the same data with Tributary \(record.version). The number of workers makes no "
                        + "difference to the model or to any figure but times and memory; another processor type or BLAS library "
                        + "may round the training differently.")
                html.element(
                    "p", #"class="note""#, "The full plan is in run.json, the rounds in full are in rounds.jsonl.")
            }
        }
    }
}
