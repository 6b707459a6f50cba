extension Instant {
    /// The date in UTC, to the second, where instants count from 1970: `2026-03-01T13:00:00Z`.
    package var dateText: String {
        let seconds = Int(sinceStart.components.seconds)
        let (days, rest) = (seconds.flooredQuotient(86_400), seconds - seconds.flooredQuotient(86_400) * 86_400)
        let (year, month, day) = Self.date(days)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// The date so many days after 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day is their
    /// last, and are counted in cycles of 400, which have 146,097 days.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let cycle = shifted.flooredQuotient(146_097)
        let dayOfCycle = shifted - cycle * 146_097
        let year = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let inCalendar = month < 10 ? month + 3 : month - 9
        return (cycle * 400 + year + (inCalendar <= 2 ? 1 : 0), inCalendar, day)
    }
}

extension Int {
    fileprivate func flooredQuotient(_ divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
