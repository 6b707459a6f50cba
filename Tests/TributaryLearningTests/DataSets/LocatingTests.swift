import Foundation
import Testing
import TributaryLearning

struct LocatingTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func error(_ name: String, directory: String?, _ environment: [String: String] = [:]) -> DatasetError? {
        dataError {
            _ = try DatasetLoader.load(
                DatasetRequest(name: name, dataDirectory: directory, environment: environment))
        }
    }

    @Test func everyManifestReadsAndNamesItsFiles() {
        #expect(
            DatasetCatalogue.manifests.map(\.name) == [
                "digits", "fashion-mnist", "heart-disease", "mnist", "mnist-writers", "shakespeare",
            ])
        for manifest in DatasetCatalogue.manifests {
            #expect(!manifest.licence.isEmpty && !manifest.citation.isEmpty && !manifest.files.isEmpty)
            for file in manifest.files {
                #expect(file.sha256.count == 64 && file.bytes > 0 && !file.names.isEmpty)
                #expect(!file.urls.isEmpty || file.parts?.isEmpty == false)
            }
        }
    }

    @Test func missingFilesSayWhereAndWhatToDo() {
        let cache = ["XDG_CACHE_HOME": scratch.path]
        let error = error("mnist", directory: nil, cache)
        #expect(error?.code == .missingInput)
        #expect(error?.description.contains("tributary datasets fetch mnist") == true)
        #expect(error?.description.contains("\(scratch.path)/tributary/datasets/mnist") == true)
    }

    /// A set that is installed elsewhere must not stand in for the folder the user named.
    @Test func aNamedFolderWithoutTheFilesIsAnError() {
        let error = error("fashion-mnist", directory: scratch.path)
        #expect(error?.code == .missingInput)
        #expect(error?.description.contains("/usr/share") == false)
        #expect(self.error("mnist", directory: scratch.path + "/no")?.code == .missingInput)
    }

    @Test func changedContentIsRefusedUnlessWanted() throws {
        let (image, label) = (idx([2, 1, 2], [1, 2, 3, 4]), idx([2], [0, 9]))
        for prefix in ["train", "t10k"] {
            try scratch.write("mnist/\(prefix)-images-idx3-ubyte.gz", gzip(image))
            try scratch.write("mnist/\(prefix)-labels-idx1-ubyte", label)
        }
        let error = error("mnist", directory: scratch.path)
        #expect(error?.code == .badData)
        #expect(error?.description.contains("SHA-256") == true)
        var request = DatasetRequest(name: "mnist", environment: ["TRIBUTARY_DATA": scratch.path])
        request.verifies = false
        #expect(try DatasetLoader.load(request).train.count == 2)
    }

    @Test func brokenFilesAreToldBeforeTheirChecksum() throws {
        try scratch.write("train-images-idx3-ubyte", idx([0x8000_0000, 28, 28], [1]))
        for name in ["train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
            try scratch.write(name, [])
        }
        #expect(error("mnist", directory: scratch.path)?.description.contains("byte 16") == true)
    }

    @Test func aFolderInPlaceOfAFileIsTold() throws {
        for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"] {
            try scratch.write("\(name)/x", [1])
        }
        try scratch.write("t10k-labels-idx1-ubyte", [])
        #expect(error("mnist", directory: scratch.path)?.description.contains("is a folder") == true)
    }
}
