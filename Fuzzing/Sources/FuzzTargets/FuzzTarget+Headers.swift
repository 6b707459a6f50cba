import TributaryCore
import TributaryWire

extension FuzzTarget {
    static let headers: [FuzzTarget] = [
        FuzzTarget("error-body", seeds: [ConnectError(.notFound, "no run \"a\"").body, [], Array("<html>".utf8)]) {
            let error = ConnectError(httpStatus: 503, contentType: "application/json", body: $0)
            precondition(error.message.utf8.count <= ConnectError.messageLimit + 3, "an error's message has no end")
            let again = ConnectError(httpStatus: 503, contentType: "application/json", body: error.body)
            precondition(again.code == error.code, "an error changed its code")
        },
        FuzzTarget("content-type", texts: ["application/json; charset=utf-8", "application/proto"]) {
            _ = ConnectContentType(header: $0)
        },
        FuzzTarget("headers", texts: ["10", "9999999999", "500-900", "identity", "Fri, 31 Dec 1999 23:59:59 GMT"]) {
            _ = try? ConnectHeader.timeout($0)
            _ = ConnectHeader.retryWindow(retryAfter: $0, retryWindow: $0)
            _ = ConnectHeader.byteCount($0)
            _ = try? ConnectHeader.contentEncoding($0)
            try? ConnectHeader.checkProtocolVersion($0)
        },
        FuzzTarget("path", texts: ConnectMethod.allCases.map(\.path)) { _ = ConnectMethod(path: $0) },
        FuzzTarget("task-id", texts: ["mnist-3/12/train", "a/1/evaluate"]) {
            guard let task = try? TaskID(wire: $0) else { return }
            precondition(task.description == $0, "a task's name did not come back as it was written")
        },
        FuzzTarget("digest", texts: [String(repeating: "0123456789abcdef", count: 4)]) {
            guard let digest = BlobDigest(rawValue: $0) else { return }
            precondition(BlobDigest(bytes: digest.bytes) == digest, "a digest did not come back as it was written")
        },
        FuzzTarget("version", texts: ["1", "1.4", "1.4.0-beta+3"]) { _ = SoftwareVersion($0) },
    ]
}
