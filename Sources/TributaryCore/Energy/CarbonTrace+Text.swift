extension CarbonTrace {
    /// The most steps that are read.
    private static let stepLimit = 10_000_000

    /// Reads a table with a header line and the columns time, region and gCO2e per kWh, in ascending times for each region.
    ///
    /// Times are seconds, or dates in UTC such as `2026-03-01T13:00Z`. All regions begin at the same time.
    ///
    /// - Throws: `PlanError` that names the line.
    public init(csv text: String) throws(PlanError) {
        var names: [String] = []
        var regions: [String: Region] = [:]
        var (origin, firstDate): (Double?, Double?)
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            guard number > 1, !line.allSatisfy(\.isWhitespace) else { continue }
            let row = try Self.row(line, number)
            if origin == nil { (origin, firstDate) = (row.time, row.isDate ? row.time : nil) }
            let start = origin ?? row.time
            if regions[row.region] == nil { names.append(row.region) }
            guard number <= Self.stepLimit else { throw PlanError("line \(number): more than \(Self.stepLimit) lines") }
            try regions[row.region, default: Region()].add(row.time - start, row.intensity, line: number)
        }
        guard !names.isEmpty else { throw PlanError("it has no rows; the first line is a header") }
        self.init(names: names, regions: names.map { (regions[$0] ?? Region()).closed }, firstDate: firstDate)
    }

    private static func row(
        _ line: Substring, _ number: Int
    ) throws(PlanError) -> (time: Double, isDate: Bool, region: String, intensity: Double) {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
        guard cells.count == 3 else {
            throw PlanError("line \(number) has \(cells.count) columns; it must have 3: time, region, gCO2e per kWh")
        }
        guard let time = time(cells[0]) else {
            throw PlanError(
                "line \(number): the time '\(cells[0])' must be seconds or a date such as 2026-03-01T13:00Z")
        }
        guard !cells[1].isEmpty else { throw PlanError("line \(number) names no region") }
        guard let intensity = Double(cells[2]), intensity >= 0, intensity <= 1e6 else {
            throw PlanError("line \(number): the intensity '\(cells[2])' must be a number from 0 to 1000000")
        }
        return (time, Double(cells[0]) == nil, cells[1], intensity)
    }

    private static func trimmed(_ cell: Substring) -> String {
        String(cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Seconds, or seconds since 1970 of a date; nil if it is neither.
    private static func time(_ text: String) -> Double? {
        if let seconds = Double(text) { return abs(seconds) <= 1e12 ? seconds : nil }
        let local = text.hasSuffix("Z") ? text.dropLast() : text[...]
        let halves = local.split(separator: text.contains("T") ? "T" : " ")
        guard halves.count == 2 else { return nil }
        let day = halves[0].split(separator: "-").map { Int($0) }
        let clock = halves[1].split(separator: ":").map { Double($0) }
        guard day.count == 3, (2...3).contains(clock.count), let year = day[0], let month = day[1], let date = day[2],
            let hour = clock[0], let minute = clock[1], let second = clock.count == 3 ? clock[2] : 0,
            (1...9999).contains(year), (1...12).contains(month), (1...31).contains(date), (0..<24).contains(hour),
            (0..<60).contains(minute), (0..<61).contains(second)
        else { return nil }
        return Double(days(year, month, date)) * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Days since 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day is their last.
    private static func days(_ year: Int, _ month: Int, _ date: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + date - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}

extension CarbonTrace.Region {
    /// Adds the next step.
    fileprivate mutating func add(_ start: Double, _ intensity: Double, line: Int) throws(PlanError) {
        guard let last = starts.last else {
            guard start == 0 else {
                throw PlanError("line \(line): a region begins later than the first; all must begin at the same time")
            }
            (starts, intensities, sums) = ([0], [intensity], [0])
            return
        }
        guard start > last else {
            throw PlanError("line \(line): the time is not after the one before it in the same region")
        }
        sums.append((sums.last ?? 0) + (start - last) * (intensities.last ?? 0))
        starts.append(start)
        intensities.append(intensity)
    }

    /// The region with its last step as long as the one before; a single step holds for ever.
    fileprivate var closed: CarbonTrace.Region {
        var region = self
        let last = starts[starts.count - 1]
        let length = starts.count > 1 ? last - starts[starts.count - 2] : 1
        region.period = last + length
        region.total = sums[sums.count - 1] + length * intensities[intensities.count - 1]
        return region
    }
}
