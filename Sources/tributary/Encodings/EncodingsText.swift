import Foundation
import TributaryCore
import TributaryMath
import TributaryWire

/// Encodings as text.
enum EncodingsText {
    /// What is said of encodings without an update to try them on.
    static func table(_ encodings: [UpdateEncoding]) -> String {
        let rows = encodings.map { encoding in
            let name = encoding.description.prefix { $0 != ":" }
            let source = EncodingFamily.all.first { $0.name == name }?.source ?? ""
            return [encoding.description, bits(encoding), encoding.bias.rawValue, source]
        }
        return TextTable(["encoding", "bits a coordinate", "decodes to", "after"], rows).text
    }

    /// All kinds of encodings with their parameters.
    static var families: String {
        EncodingFamily.all.map { "\($0.form)\n    \($0.summary)\n" }.joined()
    }

    /// What becomes of an update, encoding by encoding.
    static func measured(_ update: [Float], as encodings: [UpdateEncoding], seed: Seed) -> String {
        let rows = encodings.map { encoding in
            var stream = seed.derived("encoding").stream()
            var compressor = UpdateCompressor(encoding)
            do throws(UpdateEncodingError) {
                let report = try compressor.compress(update, random: &stream).report
                let figures = [report.bitsPerCoordinate, report.ratio, report.relativeError].map(figure)
                return [encoding.description, "\(report.byteCount)"] + figures + [encoding.bias.rawValue]
            } catch {
                return [encoding.description, "-", "-", "-", "-", error.description]
            }
        }
        let columns = ["encoding", "bytes", "bits a coordinate", "times shorter", "relative error", "decodes to"]
        return TextTable(columns, rows).text
    }

    /// The bits that a coordinate of a large update takes, or from how many to how many.
    private static func bits(_ encoding: UpdateEncoding) -> String {
        let count = 1 << 22
        let sizes = encoding.byteCounts(of: count)
        let (least, most) = (Double(sizes.lowerBound), Double(sizes.upperBound))
        // Sparse updates are as long as they may be, unless nearly all of an update is zero.
        let varies = sizes.count > 1 && least > 0.01 * most
        return (varies ? [least, most] : [most]).map { figure(8 * $0 / Double(count)) }.joined(separator: " to ")
    }

    private static func figure(_ number: Double) -> String { String(format: "%.4g", number) }
}
