internal import CTributaryKernels

extension KernelLevel {
    /// Converts rows of a byte table to numbers (byte × `scale`), one after another.
    ///
    /// `seen` is scratch for `width` bytes; the columns that are not zero in every row go to `columns` (room for
    /// `width`). Returns how many there are.
    package func gatherBytes(
        _ table: UnsafePointer<UInt8>, rows: UnsafeBufferPointer<UInt32>, width: Int, scale: Float,
        into target: UnsafeMutablePointer<Float>, seen: UnsafeMutablePointer<UInt8>,
        columns: UnsafeMutablePointer<Int32>
    ) -> Int {
        tributary_gather_bytes(rawValue, rows.count, width, table, rows.baseAddress, scale, target, seen, columns)
    }

    /// Cross-entropy of the softmax of each row of `logits` against its label: the sum of the losses and how many
    /// labels had the largest logit.
    ///
    /// `logits` is overwritten: by `scale` times the gradient of the loss, or by scratch if `scale` is zero.
    package func softmaxLoss(
        _ logits: MutableMatrixView, labels: UnsafePointer<UInt16>, scale: Float
    ) -> (lossSum: Double, correctCount: Int) {
        var correct = 0
        let loss = tributary_softmax_loss(
            rawValue, logits.rows, logits.columns, logits.base, labels, scale, &correct)
        return (loss, correct)
    }

    /// 2×2 maxima of an image [height × width × channels]; rows of `pooled` are `stride` elements apart.
    package func maxPool(
        height: Int, width: Int, channels: Int, image: UnsafePointer<Float>, pooled: UnsafeMutablePointer<Float>,
        stride: Int
    ) {
        tributary_max_pool(rawValue, height, width, channels, image, pooled, stride)
    }

    /// The same backwards, through a ReLU before it; rows of `imageGradient` are `gradientStride` elements apart.
    package func maxPoolBackward(
        height: Int, width: Int, channels: Int, image: UnsafePointer<Float>, pooled: UnsafePointer<Float>,
        stride: Int, pooledGradient: UnsafePointer<Float>, imageGradient: UnsafeMutablePointer<Float>,
        gradientStride: Int
    ) {
        tributary_max_pool_backward(
            rawValue, height, width, channels, image, pooled, stride, pooledGradient, imageGradient, gradientStride)
    }

    /// One step of LSTM cells: the gates' pre-activations (i, f, g, o side by side) become activations.
    package func lstmForward(
        rows: Int, width: Int, gates: UnsafeMutablePointer<Float>, previousCell: UnsafePointer<Float>?,
        cell: UnsafeMutablePointer<Float>, tanhCell: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>
    ) {
        tributary_lstm_forward(rawValue, rows, width, gates, previousCell, cell, tanhCell, hidden)
    }

    /// The same step backwards: activations become gradients of the pre-activations, and the gradient of the cell
    /// that of the cell before.
    package func lstmBackward(
        rows: Int, width: Int, gates: UnsafeMutablePointer<Float>, previousCell: UnsafePointer<Float>?,
        tanhCell: UnsafePointer<Float>, hiddenGradient: UnsafePointer<Float>,
        cellGradient: UnsafeMutablePointer<Float>
    ) {
        tributary_lstm_backward(rawValue, rows, width, gates, previousCell, tanhCell, hiddenGradient, cellGradient)
    }
}
