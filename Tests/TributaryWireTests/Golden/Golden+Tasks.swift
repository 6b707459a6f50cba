import TributaryWire

extension Golden {
    static let tasks: [Golden] = [
        Golden(
            WirePollRequest.self,
            json: #"{"protocolVersion":1,"waitMs":"30000"}"#,
            binary: "080110b0ea01"),
        Golden(
            WirePollResponse.self,
            json:
                #"{"task":{"id":"mnist-3/12/train","kind":"KIND_TRAIN","run":"mnist-3","round":"12","model":{"sha256":"#
                + #""SHA","size":"24","encoding":"ENCODING_F32"},"modelVersion":"11","modelName":"mlp:200,200","layout":"#
                + #"[{"name":"dense.weight","shape":["2","3"]}],"training":{"algorithm":"fedavg","epochs":"5","batchSize"#
                + #"":"10","learningRate":0.1,"momentum":0.9,"weightDecay":0.125,"clipNorm":1.5},"evaluationLimit":"1000"#
                + #"","seed":"18446744073709551615","updateEncoding":"ENCODING_BF16","updateBound":8.5,"exampleLimit":"1"#
                + #"000000","leaseMs":"30000","timeLeftMs":"60000"},"retry":{"earliestMs":"1000","latestMs":"5000"}}"#,
            binary:
                "0ae2010a106d6e6973742d332f31322f747261696e10011a076d6e6973742d33200c2a460a40SHA10181801300b3a0b6d6c7"
                + "03a3230302c32303042120a0c64656e73652e776569676874120202034a300a066665646176671005200a299a9999999999b"
                + "93f31cdccccccccccec3f39000000000000c03f41000000000000f83f50e80758ffffffffffffffffff01600369000000000"
                + "000214070c0843d78b0ea018001e0d403120608e807108827"),
        Golden(
            WireTraining.self,
            json: #"{"algorithm":"fedprox","steps":"20","proximal":0.5}"#,
            binary: "0a0766656470726f78181449000000000000e03f"),
        Golden(
            WireHeartbeatRequest.self,
            json: #"{"taskId":"mnist-3/12/train","progress":0.5}"#,
            binary: "0a106d6e6973742d332f31322f747261696e150000003f"),
        Golden(
            WireHeartbeatResponse.self,
            json: #"{"goesOn":true,"leaseMs":"30000","timeLeftMs":"45000"}"#,
            binary: "080110b0ea0118c8df02"),
        Golden(
            WireSubmitRequest.self,
            json:
                #"{"taskId":"mnist-3/12/train","training":{"update":{"sha256":"SHA","size":"12","encoding":"ENCODING_F"#
                + #"16"},"exampleCount":"600","stepCount":"60","meanLoss":0.25,"metrics":{"accuracy":0.5}}}"#,
            binary:
                "0a106d6e6973742d332f31322f747261696e126b0a460a40SHA100c180210d804183c21000000000000d03f2a130a0861636"
                + "3757261637911000000000000e03f"),
        Golden(
            WireTask.self,
            json: #"{"updateCompression":"topk:0.05","errorFeedback":true}"#,
            binary: "8a0109746f706b3a302e3035900101"),
        Golden(WireTask.self, json: #"{"deltaDownloads":true}"#, binary: "a00101"),
        Golden(WirePollRequest.self, json: #"{"addsNoise":true}"#, binary: "c00201"),
        Golden(WirePollRequest.self, json: #"{"measuresLoss":true}"#, binary: "900301"),
        Golden(
            WireTask.self, json: #"{"id":"a/1/measure","kind":"KIND_MEASURE"}"#,
            binary: "0a0b612f312f6d6561737572651032"),
        Golden(
            WireSubmitRequest.self, json: #"{"taskId":"a/1/measure","measure":{"loss":0.5}}"#,
            binary: "0a0b612f312f6d65617375726592030909000000000000e03f"),
        Golden(
            WirePollRequest.self, json: #"{"region":"DE","trainingWatts":36.5}"#,
            binary: "9a02024445a1020000000000404240"),
        Golden(WireTask.self, json: #"{"asksForTimes":true}"#, binary: "980201"),
        Golden(
            WireTrainingResult.self,
            json: #"{"times":{"downloadSeconds":0.5,"trainingSeconds":2.5,"uploadSeconds":0.25}}"#,
            binary: "9a021b09000000000000e03f11000000000000044019000000000000d03f"),
        Golden(WirePollRequest.self, json: #"{"personalises":true}"#, binary: "f00101"),
        Golden(
            WireTask.self,
            json: #"{"personal":{"name":"ditto","form":"own-1","countedRound":"7","head":["h"]}}"#,
            binary: "f201130a05646974746f12056f776e2d311807220168"),
        Golden(
            WireEvaluationResult.self, json: #"{"ownLossSum":2.5,"ownCorrectCount":"3"}"#,
            binary: "f1010000000000000440f80103"),
        Golden(
            WireTask.self, json: #"{"localNoise":{"clip":0.5,"noiseMultiplier":2.5}}"#,
            binary: "c2021209000000000000e03f110000000000000440"),
        Golden(
            WireTrainingResult.self, json: #"{"localNoise":{"clip":0.5,"noiseMultiplier":2.5}}"#,
            binary: "c2021209000000000000e03f110000000000000440"),
        Golden(
            WireTrainingResult.self,
            json: #"{"stepCount":"6","compression":"qsgd:4"}"#,
            binary: "18063206717367643a34"),
        Golden(
            WireSubmitRequest.self,
            json:
                #"{"taskId":"mnist-3/12/evaluate","evaluation":{"exampleCount":"600","lossSum":12.5,"correctCount":"0""#
                + #","metrics":{"f1":0.5}}}"#,
            binary:
                "0a136d6e6973742d332f31322f6576616c756174651a1d08d8041100000000000029401800220d0a02663111000000000000"
                + "e03f"),
        Golden(
            WireSubmitResponse.self,
            json:
                #"{"receipt":"RECEIPT_REFUSED","refusal":"REFUSAL_OUT_OF_BOUND","isDuplicate":true,"retry":{"earliestM"#
                + #"s":"1000","latestMs":"5000"}}"#,
            binary: "080310061801220608e807108827"),
        Golden(
            WireReportFailureRequest.self,
            json: #"{"taskId":"mnist-3/12/train","cause":"CAUSE_DECLINED","message":"battery low"}"#,
            binary: "0a106d6e6973742d332f31322f747261696e10011a0b62617474657279206c6f77"),
        Golden(
            WireReportFailureResponse.self,
            json: #"{"retry":{"earliestMs":"1000","latestMs":"5000"}}"#,
            binary: "0a0608e807108827"),
    ]
}
