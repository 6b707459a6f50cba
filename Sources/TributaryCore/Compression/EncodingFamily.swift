/// A kind of encoding with its parameters open: a row of the registry.
public struct EncodingFamily: Sendable {
    /// What its encodings' names begin with.
    public let name: String
    /// How its encodings are named, options in brackets.
    public let form: String
    /// What it does, in one line.
    public let summary: String
    /// Where it is from.
    public let source: String
    /// Encodings to begin with.
    public let examples: [UpdateEncoding]

    /// Reads the words behind the name.
    let read: @Sendable (inout EncodingWords) throws(EncodingWords.Problem) -> UpdateEncoding.Kind

    private init(
        _ form: String, _ summary: String, source: String, examples: UpdateEncoding.Kind...,
        read: @escaping @Sendable (inout EncodingWords) throws(EncodingWords.Problem) -> UpdateEncoding.Kind
    ) {
        name = String(form.prefix { $0 != ":" && $0 != "[" })
        self.form = form
        self.summary = summary
        self.source = source
        self.examples = examples.map { UpdateEncoding($0) }
        self.read = read
    }
}

extension EncodingFamily {
    /// All encodings there are.
    public static let all = TensorEncoding.allCases.map(plain) + compressing

    private static let compressing: [EncodingFamily] = [
        EncodingFamily(
            "klevel:LEVELS[:rotated][:bucket=N]", "stochastic rounding to 2 to 256 levels between a bucket's extremes",
            source: "Suresh et al. 2017",
            examples: .klevel(levels: 16, isRotated: false, bucket: UpdateEncoding.usualBucket),
            .klevel(levels: 16, isRotated: true, bucket: UpdateEncoding.usualBucket)
        ) { words throws(EncodingWords.Problem) in
            .klevel(
                levels: try words.number("levels", in: 2...256), isRotated: words.flag("rotated"),
                bucket: try words.bucket())
        },
        EncodingFamily(
            "qsgd:BITS[:elias][:bucket=N]",
            "stochastic rounding to 2 to 8 bits in units of a bucket's norm; with elias, small numbers take fewer",
            source: "Alistarh et al. 2017",
            examples: .qsgd(bits: 4, isElias: false, bucket: UpdateEncoding.usualNormBucket),
            .qsgd(bits: 4, isElias: true, bucket: UpdateEncoding.usualNormBucket)
        ) { words throws(EncodingWords.Problem) in
            .qsgd(
                bits: try words.number("bits", in: 2...8), isElias: words.flag("elias"),
                bucket: try words.bucket(usual: UpdateEncoding.usualNormBucket))
        },
        EncodingFamily(
            "topk:SHARE[:f16|:bf16]", "the share of the coordinates that is largest; for use with error feedback",
            source: "Stich et al. 2018",
            examples: .topk(fraction: 0.05, values: .float32), .topk(fraction: 0.05, values: .float16)
        ) { words throws(EncodingWords.Problem) in
            .topk(fraction: try words.fraction(), values: words.values())
        },
        EncodingFamily(
            "randk:SHARE[:contractive][:f16|:bf16]",
            "a share of the coordinates that a seed chooses, scaled up unless contractive",
            source: "Stich et al. 2018", examples: .randk(fraction: 0.05, values: .float32, isContractive: false)
        ) { words throws(EncodingWords.Problem) in
            .randk(
                fraction: try words.fraction(), values: words.values(), isContractive: words.flag("contractive"))
        },
        EncodingFamily(
            "drive[:contractive][:bucket=N]", "signs after a random rotation, one bit a coordinate",
            source: "Vargaftik et al. 2021", examples: .drive(isContractive: false, bucket: UpdateEncoding.usualBucket)
        ) { words throws(EncodingWords.Problem) in
            .drive(isContractive: words.flag("contractive"), bucket: try words.bucket())
        },
        EncodingFamily(
            "eden:BITS[:contractive][:bucket=N]", "the nearest of 2 to 16 centroids after a random rotation",
            source: "Vargaftik et al. 2022",
            examples: .eden(bits: 2, isContractive: false, bucket: UpdateEncoding.usualBucket),
            .eden(bits: 4, isContractive: false, bucket: UpdateEncoding.usualBucket)
        ) { words throws(EncodingWords.Problem) in
            .eden(
                bits: try words.number("bits", in: 1...4), isContractive: words.flag("contractive"),
                bucket: try words.bucket())
        },
    ]

    private static func plain(_ values: TensorEncoding) -> EncodingFamily {
        let summary =
            switch values {
            case .float32: "single precision, as it is"
            case .float16: "the nearest number in half precision; magnitudes up to 65,504"
            case .bfloat16: "the nearest number in the upper half of single precision"
            }
        return EncodingFamily(values.rawValue, summary, source: "", examples: .plain(values)) { _ in .plain(values) }
    }
}
