/// A chart of figures against rounds or time, to be drawn as HTML.
///
/// The marks are an SVG that stretches to whatever width the page has, while axes and labels are text on top of
/// it, so that they keep their size on a telephone and on paper.
struct Chart {
    /// How a figure is drawn: a colour of the palette, and dashes to tell apart more lines than there are colours.
    struct Pen {
        var color: Int
        var isDashed = false

        /// The pen for the n-th of many lines.
        static func number(_ n: Int) -> Pen { Pen(color: n % 6, isDashed: n / 6 % 2 == 1) }

        var classes: String { isDashed ? "c\(color) dashed" : "c\(color)" }
    }

    /// Figures at places along x, in ascending order. Those that cannot be shown interrupt the line.
    struct Line {
        var name: String
        var pen: Pen
        var points: [(x: Double, y: Double)]
    }

    /// An area between two figures.
    struct Band {
        var pen: Pen
        var points: [(x: Double, low: Double, high: Double)]
    }

    /// A level across the chart, with its name.
    struct Level {
        var name: String
        var y: Double
    }

    /// Bars side by side, each a stack of amounts in the order of `parts`.
    struct Stack {
        /// The classes that colour the parts, from the bottom.
        var parts: [String]
        var bars: [(from: Double, to: Double, amounts: [Double])]
    }

    /// An axis: its scale, what it measures, and its name.
    struct Axis {
        var scale: Scale
        var unit: Unit
        var label: String
    }

    /// How the figures of an axis are written.
    enum Unit {
        case share, number, count, bytes, seconds

        /// A figure in full.
        func text(_ value: Double) -> String {
            switch self {
            case .share: Figures.percent(value)
            case .number: Figures.number(value)
            case .count: Figures.number(value, digits: 3)
            case .bytes: Figures.bytes(value)
            case .seconds: Figures.seconds(value)
            }
        }

        /// A tick of the given scale, with no more decimals than its step needs.
        func tick(_ value: Double, of scale: Scale) -> String {
            switch self {
            case .share: Figures.percent(value, decimals: scale.step < 0.000_999 ? 2 : scale.step < 0.009_99 ? 1 : 0)
            case .number, .count: Figures.tick(value, step: scale.isLogarithmic ? nil : scale.step)
            case .bytes: Figures.bytes(value, isTick: true)
            case .seconds: Figures.seconds(value, isTick: true)
            }
        }
    }

    var title: String
    /// What is shown, in a line under the title.
    var caption: String
    /// What a reader who does not see the chart should know.
    var summary: String
    var x: Axis
    var y: Axis
    /// The height of the plot in CSS pixels.
    var height = 230
    var bands: [Band] = []
    var lines: [Line] = []
    var levels: [Level] = []
    var stack: Stack?
    /// Places along x that get a mark at the top edge.
    var marks: [Double] = []
    /// The names of colours, where lines do not carry them: (class, name).
    var key: [(classes: String, name: String)] = []
    /// Remarks under the chart.
    var notes: [String] = []
    /// What is shown for the place under the pointer.
    var readout: Readout?
}

/// Figures that a chart shows for the place under the pointer.
struct Readout {
    /// Where along x, in ascending order.
    var places: [Double]
    /// What stands there, one for each place: "Round 12".
    var headings: [String]
    /// Named columns with a text for each place; empty where there is nothing to say.
    var columns: [(name: String, classes: String, texts: [String])]
}
