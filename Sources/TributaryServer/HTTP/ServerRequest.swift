import Foundation
import HTTPTypes
import NIOCore
import TributaryWire

/// A request, and what is needed to answer it.
struct ServerRequest: Sendable {
    let head: HTTPRequest
    let body: RequestParts
    let peer: Peer
    /// A name for logs and for people who ask about an error.
    let id: String
    /// Interrupts the work on the answer.
    let signal: CallSignal
    /// What the connection runs on, for timers.
    let eventLoop: any EventLoop
    /// Closes the connection at once.
    let disconnect: @Sendable () -> Void

    var method: HTTPRequest.Method { head.method }

    /// The path without a query. Nothing is decoded: no path of this server has anything to escape.
    var path: Substring { (head.path ?? "").prefix { $0 != "?" } }

    /// The value of a parameter of the query; nil without it. Nothing is decoded here either.
    func parameter(_ name: String) -> Substring? {
        for pair in (head.path ?? "").drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if sides[0] == name, sides.count == 2 { return sides[1] }
        }
        return nil
    }

    func header(_ name: HTTPField.Name) -> String? { head.headerFields[name] }

    /// Who calls, by the header `Authorization: Bearer …`.
    var caller: Caller { Caller(credential: credential(of: "bearer"), peer: peer.address) }

    /// Who looks at a page: a browser sends what its user typed, where a program sends a token; the token is the
    /// password, the name does not matter.
    var pageCaller: Caller {
        guard let basic = credential(of: "basic") else { return caller }
        let text = Data(base64Encoded: basic).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let password = text.drop { $0 != ":" }.dropFirst()
        return Caller(credential: String(password), peer: peer.address)
    }

    private func credential(of scheme: String) -> String? {
        guard let value = header(.authorization), let space = value.firstIndex(of: " "),
            value[..<space].lowercased() == scheme
        else { return nil }
        return value[space...].trimmingCharacters(in: .whitespaces)
    }
}

extension HTTPField.Name {
    static let uploadOffset = named(ConnectHeader.uploadOffset)
    static let uploadLength = named(ConnectHeader.uploadLength)
    static let retryWindow = named(ConnectHeader.retryWindow)
    static let connectTimeout = named(ConnectHeader.timeout)
    static let connectProtocolVersion = named(ConnectHeader.protocolVersion)
    static let acceptPost = named("Accept-Post")
    static let instanceManipulation = named("IM")
    static let deltaBase = named("Delta-Base")

    private static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header's name") }
        return name
    }
}
