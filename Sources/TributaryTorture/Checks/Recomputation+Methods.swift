import TributaryCore

extension Recomputation {
    /// A run's method, as its paper writes what a server makes of the figures that come with updates.
    struct Method {
        /// Which it is.
        enum Kind {
            case none
            /// FedNova, by place of the figure whose mean is τ_eff.
            case nova(place: Int)
            /// q-FedAvg and q-FedSGD.
            case fair
            /// FedProx with a μ that follows the loss.
            case adaptive
            /// FedDyn.
            case dynamic(alpha: Double)
            /// SCAFFOLD, by the bound of its messages.
            case scaffold(bound: Double)
            /// AFL.
            case agnostic
        }

        let kind: Kind
        /// What the server keeps, but for λ.
        private(set) var figures: [Double] = []
        /// λ; nil for a run without.
        var lambda: Lambda?
        /// Vectors that it keeps, as they were after the last step; empty before the first.
        private(set) var vectors: [[Float]] = []
        /// α m / N of the round.
        private var share = 0.0
        /// How many figures come with an update.
        var figureCount: Int {
            switch kind {
            case .none, .dynamic, .scaffold: 0
            case .nova: 2
            case .fair, .adaptive, .agnostic: 1
            }
        }
        /// Whether clients remember what they did.
        var hasMemories: Bool {
            switch kind {
            case .none, .nova, .fair, .adaptive, .agnostic: false
            case .dynamic, .scaffold: true
            }
        }
        /// The largest magnitude in the vector that follows an update in its bytes; nil where none does.
        var messageBound: Float? { if case .scaffold(let bound) = kind { Float(bound) } else { nil } }
        /// Whether there is anything to do.
        var isEmpty: Bool { if case .none = kind { true } else { false } }

        init(_ text: PartText?) {
            let settings = text?.settings ?? []
            func number(_ name: String) -> Double? {
                settings.first { $0.name == name }.flatMap { Double($0.value) }
            }
            switch text?.name {
            case "nova": kind = .nova(place: number("mu") ?? 0 > 0 ? 1 : 0)
            case "qfedavg", "qfedsgd": kind = .fair
            case "scaffold": kind = .scaffold(bound: number("bound") ?? 1000)
            case "dyn": kind = .dynamic(alpha: number("alpha") ?? 0.1)
            case "afl":
                kind = .agnostic
                let isProjected = !settings.contains { $0.name == "rule" && $0.value == "exponentiated" }
                lambda = Lambda(rate: number("rate") ?? 0.1, isProjected: isProjected)
            case "prox" where settings.contains { $0.name == "adaptive" && $0.value == "true" }:
                kind = .adaptive
                figures = [number("mu") ?? 0.1, .infinity, 0]
            default: kind = .none
            }
        }

        /// Begins a step: what the mean update of a round is multiplied by, given each contribution's weight and figures.
        mutating func factor(
            _ contributions: [(weight: Int, figures: [Double])], populationSize: Int, parameterCount: Int
        ) -> Double {
            func mean(_ place: Int) -> Double {
                var (sum, total) = (0.0, 0.0)
                for one in contributions {
                    total += Double(one.weight)
                    sum += Double(one.weight) * one.figures[place]
                }
                return sum / total
            }
            switch kind {
            case .none, .agnostic: return 1
            case .dynamic(let alpha):
                share = alpha * Double(contributions.count) / Double(populationSize)
                begin(parameterCount)
                return 1
            case .scaffold:
                share = Double(contributions.count) / Double(populationSize)
                begin(parameterCount)
                return 1
            case .nova(let place): return mean(place)
            case .fair:
                var sum = 0.0
                for one in contributions { sum += one.figures[0] }
                return Double(contributions.count) / sum
            case .adaptive:
                adapt(to: mean(0))
                return 1
            }
        }

        private mutating func begin(_ parameterCount: Int) {
            if vectors.isEmpty { vectors = [[Float](repeating: 0, count: parameterCount)] }
        }

        /// What takes the place of one coordinate of the mean: Δ − h/α, after h ← h − α m/N Δ; and of SCAFFOLD
        /// c ← c + m/N mean(c_k⁺ − c_k), beside the update as it is.
        mutating func correct(_ delta: Double, message: Double, at index: Int) -> Double {
            if case .scaffold = kind {
                vectors[0][index] = Float(Double(vectors[0][index]) + share * message)
            }
            guard case .dynamic(let alpha) = kind else { return delta }
            let mean = Double(vectors[0][index]) - share * delta
            vectors[0][index] = Float(mean)
            return delta - mean / alpha
        }

        /// μ grows by 0.1 where the loss has risen, and shrinks by as much where it has fallen five times running.
        private mutating func adapt(to loss: Double) {
            let (before, falls) = (figures[1], figures[2])
            figures[1] = loss
            if loss > before {
                figures[0] += 0.1
                figures[2] = 0
            } else if loss < before {
                figures[2] = falls == 4 ? 0 : falls + 1
                if falls == 4 { figures[0] = max(0, figures[0] - 0.1) }
            }
        }
    }
}
