extension TableContent {
    /// The mean and deviation of every feature over its present values in the given rows.
    struct Scaling {
        var means: [Float]
        var deviations: [Float]
    }

    /// The scaling that `rows` call for: over numeric columns only, one-hot ones stay 0 and 1.
    func scaling(over rows: [Int], _ schema: TableSchema) -> Scaling {
        var scaling = Scaling(
            means: [Float](repeating: 0, count: width), deviations: [Float](repeating: 1, count: width))
        var place = 0
        for (_, kind) in schema.features {
            guard kind == .number else {
                if case .oneHot(let values) = kind { place += values.count }
                continue
            }
            let present = rows.lazy.map { Double(self.features[$0 * width + place]) }.filter { !$0.isNaN }
            var (count, sum) = (0.0, 0.0)
            for value in present { (count, sum) = (count + 1, sum + value) }
            let mean = count > 0 ? sum / count : 0
            var squares = 0.0
            for value in present { squares += (value - mean) * (value - mean) }
            let deviation = count > 0 ? (squares / count).squareRoot() : 0
            scaling.means[place] = Float(mean)
            // In relation to the mean, whatever the unit: a column in farads is 1e-12 and not constant. Less than
            // 1e-8 is what rounding leaves of a constant column.
            if deviation > 1e-8 * abs(mean), Float(deviation).isNormal {
                scaling.deviations[place] = Float(deviation)
            }
            place += 1
        }
        return scaling
    }

    /// The given rows as examples: missing numbers get the mean; numeric columns are scaled if the schema says so.
    func examples(_ rows: [Int], _ schema: TableSchema, _ scaling: Scaling) -> Examples {
        var numeric = [Bool]()
        for (_, kind) in schema.features {
            if case .oneHot(let values) = kind {
                numeric += [Bool](repeating: false, count: values.count)
            } else {
                numeric.append(true)
            }
        }
        var result: [Float] = []
        result.reserveCapacity(rows.count * width)
        for row in rows {
            for place in 0..<width {
                var value = features[row * width + place]
                if numeric[place] {
                    if value.isNaN { value = scaling.means[place] }
                    // In Double, for the difference of two large Floats need not be one.
                    if schema.standardises {
                        value = Float(
                            (Double(value) - Double(scaling.means[place])) / Double(scaling.deviations[place]))
                    }
                }
                result.append(value)
            }
        }
        let labels: Examples.Labels =
            switch schema.target {
            case .classes(let names, _): .classes(rows.map { classes[$0] }, classCount: names.count)
            case .number: .numbers(rows.map { numbers[$0] })
            }
        return Examples(features: .numbers(result), labels: labels, shape: [width])
    }
}
