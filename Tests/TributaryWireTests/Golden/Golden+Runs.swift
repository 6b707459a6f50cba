import TributaryWire

extension Golden {
    static let runs: [Golden] = [
        Golden(
            WireCreateRunRequest.self,
            json:
                #"{"run":"mnist-3","plan":{"rounds":"20"},"target":{"labels":{"site":"north"},"minimumClientVersion":""#
                + #"1.4.0","dataSignature":"28x28 -> 10 classes"},"layout":[{"name":"dense.weight","shape":["2","3"]}],""#
                + #"initialModel":{"sha256":"SHA","size":"24","encoding":"ENCODING_F32"}}"#,
            binary:
                "0a076d6e6973742d33120c0a06726f756e6473120232301a2b0a0d0a047369746512056e6f7274681205312e342e301a1332"
                + "38783238202d3e20313020636c617373657322120a0c64656e73652e776569676874120202032a460a40SHA10181801"),
        Golden(
            WireGetRunResponse.self,
            json:
                #"{"run":{"run":"mnist-3","state":"STATE_TRAINING","reason":"r","revision":"17","lastRound":"4","plann"#
                + #"edRounds":"20","modelVersion":"3","model":{"sha256":"SHA","size":"24","encoding":"ENCODING_F32"},"in"#
                + #"vited":"10","contributions":"2","registeredClients":"100","presentClients":"50","lastReport":{"round"#
                + #"":"4","isCommitted":true,"modelVersion":"3","invited":"10","reported":"7","dropped":{"late":"3"},"tr"#
                + #"ainLoss":0.25,"testAccuracy":0.75,"testLoss":0.5,"federatedAccuracy":0.625,"federatedLoss":1.5,"seco"#
                + #"nds":2.5},"plan":{"rounds":"20"},"target":{"labels":{"site":"north"},"minimumClientVersion":"1.4.0","#
                + #""dataSignature":"28x28 -> 10 classes"}},"rounds":[{"round":"4","isCommitted":true,"modelVersion":"3""#
                + #","invited":"10","reported":"7","dropped":{"late":"3"},"trainLoss":0.25,"testAccuracy":0.75,"testLoss"#
                + #"":0.5,"federatedAccuracy":0.625,"federatedLoss":1.5,"seconds":2.5}]}"#,
            binary:
                "0aed010a076d6e6973742d3310021a0172201128043014380342460a40SHA10181801480a5002586460326a4a08041001180"
                + "3200a280732080a046c617465100339000000000000d03f41000000000000e83f49000000000000e03f51000000000000e43"
                + "f59000000000000f83f610000000000000440720c0a06726f756e6473120232307a2b0a0d0a047369746512056e6f7274681"
                + "205312e342e301a133238783238202d3e20313020636c6173736573124a080410011803200a280732080a046c61746510033"
                + "9000000000000d03f41000000000000e83f49000000000000e03f51000000000000e43f59000000000000f83f61000000000"
                + "0000440"),
        Golden(
            WireListRunsRequest.self,
            json: #"{}"#,
            binary: ""),
        Golden(
            WireListRunsResponse.self,
            json: #"{"runs":[{"run":"a","state":"STATE_WAITING"}]}"#,
            binary: "0a050a01611001"),
        Golden(
            WireGetRunRequest.self,
            json: #"{"run":"mnist-3","withRounds":true}"#,
            binary: "0a076d6e6973742d331001"),
        Golden(
            WireWatchRunRequest.self,
            json: #"{"run":"mnist-3","knownRevision":"17","waitMs":"30000"}"#,
            binary: "0a076d6e6973742d33101118b0ea01"),
        Golden(
            WirePauseRunRequest.self,
            json: #"{"run":"mnist-3"}"#,
            binary: "0a076d6e6973742d33"),
        Golden(
            WireResumeRunRequest.self,
            json: #"{"run":"mnist-3"}"#,
            binary: "0a076d6e6973742d33"),
        Golden(
            WireStopRunRequest.self,
            json: #"{"run":"mnist-3"}"#,
            binary: "0a076d6e6973742d33"),
        Golden(
            WireCreateRunResponse.self,
            json: #"{"run":{"run":"mnist-3","state":"STATE_WAITING"}}"#,
            binary: "0a0b0a076d6e6973742d331001"),
        Golden(
            WireWatchRunResponse.self,
            json: #"{"run":{"run":"mnist-3","state":"STATE_EVALUATING"}}"#,
            binary: "0a0b0a076d6e6973742d331003"),
        Golden(
            WirePauseRunResponse.self,
            json: #"{"run":{"run":"mnist-3","state":"STATE_PAUSED"}}"#,
            binary: "0a0b0a076d6e6973742d331004"),
        Golden(
            WireResumeRunResponse.self,
            json: #"{"run":{"run":"mnist-3","state":"STATE_COMPLETED"}}"#,
            binary: "0a0b0a076d6e6973742d331005"),
        Golden(
            WireStopRunResponse.self,
            json: #"{"run":{"run":"mnist-3","state":"STATE_STOPPED"}}"#,
            binary: "0a0b0a076d6e6973742d331006"),
        Golden(
            WireCreateRunRequest.self, json: #"{"run":"a","carbonTrace":"h\n0,a,1"}"#,
            binary: "0a01619a0207680a302c612c31"),
        Golden(
            WireRoundReport.self,
            json:
                #"{"round":"4","energy":{"training":{"kwh":0.5,"grams":200.5},"download":{"kwh":0.25},"upload":{"kwh":0.1"#
                + #"25},"server":{"kwh":2.5,"grams":0.5}}}"#,
            binary:
                "08049a023e0a1209000000000000e03f110000000000106940120909000000000000d03f1a0909000000000000c03f221209"
                + "000000000000044011000000000000e03f"),
        Golden(
            WireRoundReport.self, json: #"{"personalAccuracy":0.5,"personalLoss":0.25}"#,
            binary: "f101000000000000e03ff901000000000000d03f"),
    ]
}
