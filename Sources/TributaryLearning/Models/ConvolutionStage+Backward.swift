import TributaryBLAS

extension ConvolutionStage {
    /// The gradient of one image's outputs from that of its maxima, written into its frame.
    func unpool(
        image: Int, pooled: UnsafePointer<Float>, stride: Int, gradient: UnsafePointer<Float>, workspace: Workspace
    ) {
        KernelLevel.best.maxPoolBackward(
            height: height, width: width, channels: filters,
            image: workspace.output.base + image * height * outputStride, pooled: pooled, stride: stride,
            pooledGradient: gradient, imageGradient: outputGradient(image, row: 0, in: workspace),
            gradientStride: framedOutputStride)
    }

    /// Adds the gradient of the filters and biases over all images of the pass.
    func addWeightGradient(images: Int, target: UnsafeMutablePointer<Float>, workspace: Workspace) {
        let level = KernelLevel.best
        // One row of the filter at a time: its part of the target stays in the first-level cache.
        for tap in 0..<Self.size {
            let part = MutableMatrixView(target + weight + tap * depth * filters, rows: depth, columns: filters)
            for image in 0..<images {
                let padded = workspace.padded.base + image * paddedCount
                for row in 0..<height {
                    level.addOuter(
                        MatrixView(padded + (row + tap) * paddedStride, rows: width, columns: depth, stride: channels),
                        MatrixView(outputGradient(image, row: row, in: workspace), rows: width, columns: filters),
                        into: part)
                }
            }
        }
        for image in 0..<images {
            for row in 0..<height {
                level.addRows(
                    MatrixView(outputGradient(image, row: row, in: workspace), rows: width, columns: filters),
                    into: target + bias)
            }
        }
    }

    /// Prepares ``passBack(image:workspace:)``: the gradient of the input is the convolution of the outputs' gradient
    /// with the filters turned by 180° and their channels and filters exchanged.
    func turnWeights(_ weights: UnsafePointer<Float>, workspace: Workspace) {
        let taps = Self.size * Self.size
        workspace.turned.reserve(taps * channels * filters)
        workspace.inputGradient.reserve(height * width * channels)
        for tap in 0..<taps {
            let source = weights + weight + (taps - 1 - tap) * channels * filters
            let target = workspace.turned.base + tap * channels * filters
            for channel in 0..<channels {
                for filter in 0..<filters { target[filter * channels + channel] = source[channel * filters + filter] }
            }
        }
    }

    /// The gradient of one image's input, without a frame, in the workspace.
    func passBack(image: Int, workspace: Workspace) {
        convolve(
            workspace.gradient.base + image * framedOutputCount, stride: framedOutputStride, channels: filters,
            filter: workspace.turned.base, filters: channels, bias: nil, relu: false,
            into: workspace.inputGradient.base)
    }

    /// A row of one image's output gradient, inside its frame.
    private func outputGradient(_ image: Int, row: Int, in workspace: Workspace) -> UnsafeMutablePointer<Float> {
        workspace.gradient.base + image * framedOutputCount + (row + Self.frame) * framedOutputStride
            + Self.frame * filters
    }
}
