import TributaryBLAS

/// A 5×5 convolution that keeps the image's size, ReLU, and 2×2 maxima.
///
/// An image lies in a frame of zeros two pixels wide. Seen from one row of it, the five pixels under a row of the
/// filter are 5·channels neighbouring numbers, and the next pixel's are the same `channels` further on: a matrix whose
/// rows overlap. So a row of outputs is the sum of five products, one a row of the filter, and nothing is copied.
struct ConvolutionStage: Hashable, Sendable {
    let height, width, channels, filters: Int
    /// Where the weights and biases begin and end in the flat vector.
    let weight, bias, end: Int

    static let size = 5
    static let frame = 2

    init(height: Int, width: Int, channels: Int, filters: Int, offset: Int) {
        self.height = height
        self.width = width
        self.channels = channels
        self.filters = filters
        weight = offset
        bias = offset + Self.size * Self.size * channels * filters
        end = bias + filters
    }

    var pooledHeight: Int { height / 2 }
    var pooledWidth: Int { width / 2 }
    var pooledCount: Int { pooledHeight * pooledWidth * filters }
    /// The distance between rows of a framed image.
    var paddedStride: Int { (width + 2 * Self.frame) * channels }
    var paddedCount: Int { (height + 2 * Self.frame) * paddedStride }
    var outputStride: Int { width * filters }
    var framedOutputStride: Int { (width + 2 * Self.frame) * filters }
    var framedOutputCount: Int { (height + 2 * Self.frame) * framedOutputStride }
    /// The numbers under one row of the filter.
    var depth: Int { Self.size * channels }

    /// What the passes write. The frames of `padded` and `gradient` are zero from the start and never written.
    final class Workspace {
        /// Framed inputs of all images.
        let padded = Scratch<Float>()
        /// Outputs after ReLU of all images.
        let output = Scratch<Float>()
        /// Framed gradients of the outputs of all images.
        let gradient = Scratch<Float>()
        /// The gradient of one image's input.
        let inputGradient = Scratch<Float>()
        /// The filters turned round, with inputs and outputs exchanged.
        let turned = Scratch<Float>()
    }

    func reserve(_ images: Int, in workspace: Workspace) {
        workspace.padded.reserveZeroed(images * paddedCount)
        workspace.gradient.reserveZeroed(images * framedOutputCount)
        workspace.output.reserve(images * height * outputStride)
    }

    /// The first pixel inside the frame of an image.
    func interior(_ image: Int, in padded: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        padded + image * paddedCount + Self.frame * (paddedStride + channels)
    }

    /// Copies an image into its frame.
    func load(_ pixels: UnsafePointer<Float>, image: Int, workspace: Workspace) {
        let target = interior(image, in: workspace.padded.base)
        for row in 0..<height {
            (target + row * paddedStride).update(from: pixels + row * width * channels, count: width * channels)
        }
    }

    /// Convolves one framed image and writes the maxima, rows `stride` apart.
    func forward(
        image: Int, weights: UnsafePointer<Float>, pooled: UnsafeMutablePointer<Float>, stride: Int,
        workspace: Workspace
    ) {
        let output = workspace.output.base + image * height * outputStride
        convolve(
            workspace.padded.base + image * paddedCount, stride: paddedStride, channels: channels,
            filter: weights + weight, filters: filters, bias: weights + bias, relu: true, into: output)
        KernelLevel.best.maxPool(
            height: height, width: width, channels: filters, image: output, pooled: pooled, stride: stride)
    }

    /// The five products of every row of one framed image.
    func convolve(
        _ padded: UnsafePointer<Float>, stride: Int, channels: Int, filter: UnsafePointer<Float>, filters: Int,
        bias: UnsafePointer<Float>?, relu: Bool, into output: UnsafeMutablePointer<Float>
    ) {
        let depth = Self.size * channels
        for row in 0..<height {
            let target = MutableMatrixView(output + row * width * filters, rows: width, columns: filters)
            for tap in 0..<Self.size {
                KernelLevel.best.multiply(
                    MatrixView(padded + (row + tap) * stride, rows: width, columns: depth, stride: channels),
                    MatrixView(filter + tap * depth * filters, rows: depth, columns: filters),
                    bias: tap == 0 ? bias : nil, accumulate: tap > 0, relu: relu && tap == Self.size - 1, into: target)
            }
        }
    }
}
