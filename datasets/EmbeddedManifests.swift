/// The JSON text of every data set's manifest, by the name of its set.
///
/// The files of this folder are compiled into the binary; what they mean is known to `DatasetManifest`.
package enum EmbeddedManifests {
    /// The manifests in alphabetical order.
    package static let all: [(name: String, json: [UInt8])] = [
        ("digits", PackageResources.digits_json),
        ("fashion-mnist", PackageResources.fashion_mnist_json),
        ("heart-disease", PackageResources.heart_disease_json),
        ("mnist", PackageResources.mnist_json),
        ("mnist-writers", PackageResources.mnist_writers_json),
        ("shakespeare", PackageResources.shakespeare_json),
    ]
}
