/// Carbon intensities of electricity by region and time, as steps: each holds until the next.
///
/// Time counts from the table's first time. A region's last step is as long as the one before it; after that, and before the
/// first, the region begins again, so that a day or a year can be given once.
public struct CarbonTrace: Hashable, Sendable {
    /// One region's steps.
    struct Region: Hashable, Sendable {
        /// When each step begins, in seconds; the first is 0.
        var starts: [Double] = []
        /// gCO2e per kWh in each step.
        var intensities: [Double] = []
        /// ∫ intensity dt from 0 to the start of each step.
        var sums: [Double] = []
        /// When the region begins again.
        var period = 0.0
        /// ∫ intensity dt over the period.
        var total = 0.0
    }

    /// The regions' names in the order in which the table has them.
    public let names: [String]
    /// The date of the table's first time, in seconds since 1970; nil where times are seconds since a run's beginning.
    public let firstDate: Double?
    private let regions: [Region]

    init(names: [String], regions: [Region], firstDate: Double?) {
        (self.names, self.regions, self.firstDate) = (names, regions, firstDate)
    }

    /// The intensity in a region, in gCO2e per kWh, `seconds` after the beginning.
    public func intensity(in region: Int, at seconds: Double) -> Double {
        let (step, _, _) = regions[region].place(of: seconds)
        return regions[region].intensities[step]
    }

    /// The mean intensity in a region from one time to another, or at that time if they are the same.
    public func mean(in region: Int, from start: Double, to end: Double) -> Double {
        guard end > start else { return intensity(in: region, at: start) }
        let (first, last) = (regions[region].place(of: start), regions[region].place(of: end))
        // Within one step it is exactly that step's.
        if first.step == last.step, first.cycle == last.cycle { return regions[region].intensities[first.step] }
        return (regions[region].integral(to: last) - regions[region].integral(to: first)) / (end - start)
    }

    /// The mean over regions of the intensity from one time to another.
    public func mean(from start: Double, to end: Double) -> Double {
        let sum = names.indices.reduce(0) { $0 + mean(in: $1, from: start, to: end) }
        return sum / Double(names.count)
    }

    /// The mean over regions and over all of the table's time.
    public var overallMean: Double {
        regions.reduce(0) { $0 + $1.total / $1.period } / Double(regions.count)
    }

    /// The least intensity of any region at a time.
    public func least(at seconds: Double) -> Double {
        names.indices.reduce(.infinity) { min($0, intensity(in: $1, at: seconds)) }
    }
}

extension CarbonTrace.Region {
    /// A time as a step, the time since it began, and how often the region has begun again.
    typealias Place = (step: Int, since: Double, cycle: Double)

    func place(of seconds: Double) -> Place {
        let cycle = (seconds / period).rounded(.down)
        let rest = max(0, seconds - cycle * period)
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= rest { low = middle } else { high = middle }
        }
        return (low, rest - starts[low], cycle)
    }

    /// ∫ intensity dt from 0 to a place.
    func integral(to place: Place) -> Double {
        place.cycle * total + sums[place.step] + intensities[place.step] * place.since
    }
}
