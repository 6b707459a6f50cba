import Foundation
import Testing
import TributaryLearning
import TributaryMath

struct CSVSetTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func load(
        _ text: String, test: String? = nil, named name: String = "t.csv",
        _ edit: (inout DatasetRequest) -> Void = { _ in }
    ) throws -> Dataset {
        var request = DatasetRequest(name: "csv", seed: Seed(1), environment: [:])
        request.files.train = [try scratch.write(name, text)]
        if let test { request.files.test = [try scratch.write("test-" + name, test)] }
        request.files.heldOutFraction = 0
        request.files.table.standardise = false
        edit(&request)
        return try DatasetLoader.load(request)
    }

    private func numbers(_ examples: Examples) -> [Float] {
        if case .numbers(let values) = examples.features { values } else { [] }
    }

    private func classes(_ examples: Examples) -> [UInt16] {
        if case .classes(let values, _) = examples.labels { values } else { [] }
    }

    @Test func numbersWordsAndClassesByHeader() throws {
        let data = try load("size,colour,kind\n1,red,cat\n2.5,blue,dog\n-3e1,red,cat\n")
        #expect(data.train.shape == [3])
        #expect(numbers(data.train) == [1, 0, 1, 2.5, 1, 0, -30, 0, 1])
        #expect(classes(data.train) == [0, 1, 0])
        #expect(data.classNames == ["cat", "dog"])
        #expect(data.test == nil)
    }

    @Test func withoutHeaderTheLastColumnIsTheLabelInNumericOrder() throws {
        let data = try load("1,2,10\n3,4,9\n5,6,9\n")
        #expect(data.classNames == ["9", "10"])
        #expect(classes(data.train) == [1, 0, 0])
        #expect(numbers(data.train) == [1, 2, 3, 4, 5, 6])
    }

    @Test func labelByNameOrNumberAndTabsByFileName() throws {
        let text = "y\ta\tb\nu\t1\t2\nv\t3\t4\n"
        let byName = try load(text, named: "t.tsv") { $0.files.table.label = .name("y") }
        let byNumber = try load(text, named: "t.tsv") { $0.files.table.label = .number(1) }
        #expect(numbers(byName.train) == [1, 2, 3, 4])
        #expect(numbers(byNumber.train) == [1, 2, 3, 4])
        let error = dataError { _ = try load(text, named: "t.tsv") { $0.files.table.label = .name("z") } }
        #expect(error?.code == .badRequest)
    }

    @Test(arguments: ["1e-15", "1e30"])
    func columnsOfAnyUnitAreScaled(unit: String) throws {
        let exponent = unit.dropFirst()
        let rows = (0..<20).map { "\($0)\(exponent),\($0 % 2)\n" }.joined()
        let data = try load("size,kind\n" + rows) { $0.files.table.standardise = true }
        let values = numbers(data.train)
        #expect(values.allSatisfy { abs($0) < 2 })
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 20 - 1) < 1e-3)
    }

    @Test func columnsAtTheEndsOfTheRangeStayFinite() throws {
        let rows = (0..<20).map { "\($0 == 0 ? "3.4e38" : "-3.4e38"),\($0)e-44,7,0.1,\($0 % 2)\n" }.joined()
        let data = try load("a,b,c,d,kind\n" + rows) { $0.files.table.standardise = true }
        #expect(numbers(data.train).allSatisfy { $0.isFinite })
    }

    @Test func labelsOfAnyUnitAreScaledForTraining() throws {
        let data = try load((0..<200).map { "\($0),\($0).5e-15\n" }.joined()) { $0.files.table.standardise = true }
        let deviation = try #require(data.targetScaling?.deviation)
        #expect(abs(deviation / 5.77e-14 - 1) < 1e-2)
    }

    @Test func aTableOfOtherSeparatorsIsRecognised() {
        let error = dataError { _ = try load("a;b\n1;x\n2;y\n") }
        #expect(error?.code == .badData)
        #expect(error?.description.contains("only one column") == true)
    }

    @Test func missingNumbersGetTheTrainingMeanOrLeave() throws {
        let text = "a,y\n1,p\n?,q\n5,p\nNA,q\n"
        #expect(numbers(try load(text).train) == [1, 3, 5, 3])
        let dropped = try load("a,y\n1,p\n?,q\n5,q\n") { $0.files.table.missingNumbers = .dropRow }
        #expect(numbers(dropped.train) == [1, 5])
        #expect(classes(dropped.train) == [0, 1])
    }

    @Test func standardisingUsesTrainingRowsOnly() throws {
        let data = try load("a,y\n1,p\n3,q\n", test: "a,y\n7,q\n") { $0.files.table.standardise = true }
        #expect(numbers(data.train) == [-1, 1])
        #expect(try #require(data.test).count == 1)
        #expect(numbers(try #require(data.test)) == [5])
    }

    @Test func manyNumbersAsLabelMeanRegression() throws {
        let rows = (0..<40).map { "\($0),\(Double($0) + 0.5)" }.joined(separator: "\n")
        let data = try load(rows)
        #expect(data.train.classCount == nil)
        let asClasses = try load(rows) { $0.files.table.task = .classification }
        #expect(asClasses.train.classCount == 40)
        let wordy = dataError { _ = try load("a,y\n1,2\n2,x\n") { $0.files.table.task = .regression } }
        #expect(wordy?.description.contains("t.csv:3: ") == true)
    }

    @Test func clientColumnBecomesOwnersAndNoFeature() throws {
        let data = try load("site,a,y\nn,1,0\ns,2,1\nn,3,1\n") { $0.files.table.client = .name("site") }
        #expect(data.train.shape == [1])
        #expect(data.naturalClients?.names == ["n", "s"])
        #expect(data.naturalClients?.owners == [0, 1, 0])
    }

    @Test func heldOutRowsAreSeededAndComplete() throws {
        let text = (0..<100).map { "\($0),\($0 % 2)" }.joined(separator: "\n")
        func split(_ seed: UInt64) throws -> ([Float], [Float]) {
            let data = try load(text) {
                $0.files.heldOutFraction = 0.2
                $0.seed = Seed(seed)
            }
            return (numbers(data.train), numbers(try #require(data.test)))
        }
        let (train, test) = try split(7)
        #expect(train.count == 80 && test.count == 20)
        #expect(Set(train).union(test).count == 100)
        #expect(try split(7) == (train, test))
        #expect(try split(8).1 != test)
    }

    @Test(arguments: [
        ("", "the file is empty"), ("\n\n", "the file is empty"), ("a,b\n", "no row of data"),
        ("a,b\n1,x\n2\n", "t.csv:3: 1 field"), ("a,y\n1,\n2,x\n", "t.csv:2: the label"),
        ("a,y\n1,x\n2,x\n", "same label"), ("a,y\n1,0\n2,1\n3,x\n", "t.csv:4: the label “x”"),
        ("y\nu\nv\n", "only one column"),
        ("a,y\n1,u\n2,v\n3,u\nfour,v\n", "t.csv:5: “four”"), ("\u{0},\u{1}\n\"", "never closed"),
    ])
    func badTablesAreOneClearLine(text: String, part: String) {
        let error = dataError { _ = try load(text) }
        #expect(error?.code == .badData)
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func testTablesMustFitTheTrainingTable() {
        let text = "a,y\n1,u\n2,v\n"
        for (test, part) in [
            ("a,y\n1,w\n", "does not occur"), ("a,b,y\n1,2,u\n", "3 columns"), ("b,y\n1,u\n", "other columns"),
            ("a,y\nx,u\n", "which holds numbers"),
        ] {
            let error = dataError { _ = try load(text, test: test) }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
        }
    }

    @Test func damagedTablesNeverTrap() throws {
        let whole = Array("a,b,c,y\n1,red,\"x\",p\n2,,?,q\r\n3,blue,\"a\nb\",p\n".utf8)
        for seed in 0..<400 {
            var stream = Seed(UInt64(seed)).stream()
            var bytes = Array(whole.prefix(stream.uniform(below: whole.count + 1)))
            for _ in 0..<stream.uniform(below: 3) where !bytes.isEmpty {
                bytes[stream.uniform(below: bytes.count)] = UInt8(truncatingIfNeeded: stream.next())
            }
            var request = DatasetRequest(name: "csv", environment: [:])
            request.files.train = [try scratch.write("damaged.csv", bytes)]
            _ = try? DatasetLoader.load(request)
        }
    }
}
