import Foundation

/// What q-FedAvg and q-FedSGD (Li et al. 2020, *Fair Resource Allocation in Federated Learning*) have in common: the
/// minimum of Σ F_k^(q+1) / (q+1), in which clients with a large loss count for more, the more the larger q is.
///
/// With w_k = L (x − y_k), or ∇F_k(x), and F = F_k(x) before training, a client sends F^q w_k and
/// h_k = q F^(q−1) ‖w_k‖² + L F^q, and x ← x − Σ F^q w_k / Σ h_k. Here both are divided by L: what goes up as the update is
/// F^q Δ_k with Δ_k = −w_k/L, as long as an update when F is about 1, and the server needs no L. With q = 0 it is
/// FedAvg with uniform weights. Both sums are linear in the clients.
struct FairStep {
    let q: Double
    /// L; 0 is one over the clients' learning rate.
    let lipschitz: Double

    static let paper = "Li et al. 2020, Fair Resource Allocation in Federated Learning"

    static var form: MethodForm {
        var form = MethodForm(name: "qfair-1")
        (form.figures, form.measure) = (["normaliser"], .loss)
        // The sum of these is divided by.
        form.figureRange = Double.leastNormalMagnitude...1e100
        return form
    }

    /// Replaces x's difference to the local model by F^q Δ_k; returns h_k/L. The difference is of length `scale` · w_k/L.
    func finish(_ work: LocalWork, update: inout MutableSpan<Float>, scale: Double) -> [Double] {
        // Nothing to the power of a negative number is infinite; the paper's code adds the same.
        let loss = work.loss + 1e-10
        let lipschitz = lipschitz(work.solver)
        let weight = pow(loss, q)
        var squares = 0.0
        for index in update.indices {
            let delta = Double(update[index]) / scale
            squares += delta * delta
            update[index] = Float(weight * delta)
        }
        return [q * pow(loss, q - 1) * lipschitz * squares + weight]
    }

    /// L.
    func lipschitz(_ solver: LocalSolver) -> Double { lipschitz > 0 ? lipschitz : 1 / solver.learningRate }

    /// m / Σ h_k: what makes the quotient of the sums of the mean update.
    static func factors(_ contributions: [MethodContribution]) -> [Double] {
        [Double(contributions.count) / contributions.reduce(0) { $0 + $1.figures[0] }]
    }

    static func step(_ update: inout MutableSpan<Double>, _ factors: [Double]) {
        // A product with 1, as q = 0 has it, changes no bit.
        for index in update.indices { update[index] *= factors[0] }
    }

    static func q<Part>(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> PartParameter<Part> {
        PartParameter(
            "q", keyPath, "q: how much more large losses count; 0 is plain averaging.", must: "a number from 0 to 100"
        ) { $0 >= 0 && $0 <= 100 }
    }

    static func lipschitz<Part>(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> PartParameter<Part> {
        PartParameter(
            "lipschitz", keyPath, "L: how fast gradients change; 0 takes one over the clients' learning rate.",
            must: "a number from 0 to 1e12"
        ) { $0 >= 0 && $0 <= 1e12 }
    }
}
