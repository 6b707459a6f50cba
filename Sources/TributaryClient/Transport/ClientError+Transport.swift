import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TributaryCore

extension ClientError {
    /// What went wrong between the client and its server.
    init(transport error: any Error, server: String, _ timeouts: ClientSettings.Timeouts) {
        switch error {
        case let error as HTTPClientError: self = Self.http(error, server, timeouts)
        case let error as NIOSSLError: self = Self.tls("\(error)", server)
        case let error as NIOSSLExtraError: self = Self.tls("\(error)", server)
        case is BoringSSLError: self = Self.tls("\(error)", server)
        case is NIOTooManyBytesError:
            self.init(.malformed, "\(server): its answer is larger than any it should give", failure: .transient(nil))
        case let error as NIOConnectionError:
            let cause = error.connectionErrors.first.map { Self.plain($0.error) } ?? "its name is not known"
            self.init(.unreachable, "\(server): cannot be reached (\(cause))", failure: .transient(nil))
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            self.init(.unreachable, "\(server): cannot be reached (\(Self.plain(error)))", failure: .transient(nil))
        default:
            self.init(.unreachable, "\(server): the connection failed (\(Self.plain(error)))", failure: .transient(nil))
        }
    }

    private static func http(
        _ error: HTTPClientError, _ server: String, _ timeouts: ClientSettings.Timeouts
    ) -> ClientError {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            let seconds = timeouts.connect.inSeconds
            return ClientError(
                .timedOut, "\(server): no connection within \(seconds) s", failure: .transient(nil))
        case .readTimeout, .writeTimeout:
            return ClientError(
                .timedOut, "\(server): no byte moved for \(timeouts.stall.inSeconds) s", failure: .transient(nil))
        case .deadlineExceeded:
            return ClientError(.timedOut, "\(server): no answer in time", failure: .transient(nil))
        case .remoteConnectionClosed:
            let hint = server.hasPrefix("http://") ? "; if it takes TLS alone, write https://" : ""
            return ClientError(.unreachable, "\(server): closed the connection\(hint)", failure: .transient(nil))
        default:
            return ClientError(
                .unreachable, "\(server): the connection failed (\(error.shortDescription))", failure: .transient(nil))
        }
    }

    /// A handshake that fails for its certificates fails again; one that is cut off may not.
    private static func tls(_ text: String, _ server: String) -> ClientError {
        let upper = text.uppercased()
        if upper.contains("CERTIFICATE_VERIFY_FAILED") || upper.contains("UNABLETOVALIDATE")
            || upper.contains("HOSTNAME") || upper.contains("IP ADDRESS")
        {
            return ClientError(
                .untrusted,
                "\(server): its certificate is not vouched for; give the authority's file (PEM), or check the address"
            )
        }
        if upper.contains("CERTIFICATE") {
            return ClientError(
                .untrusted, "\(server): does not take this client's certificate; give one that its authority made")
        }
        if upper.contains("WRONG_VERSION_NUMBER") {
            return ClientError(.untrusted, "\(server): does not speak TLS; is it an http:// address?")
        }
        let line = String(text.prefix { $0 != "\n" }.prefix(200))
        return ClientError(.unreachable, "\(server): TLS failed (\(line))", failure: .transient(nil))
    }

    /// What broke, without a library's names for it: `StreamClosed(…)` is "stream closed".
    private static func plain(_ error: any Error) -> String {
        switch error {
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case is ChannelError: return "closed"
        default: return words(String(describing: type(of: error)))
        }
    }

    private static func words(_ name: String) -> String {
        var words = ""
        for letter in name.prefix(100) {
            if letter.isUppercase, words.last?.isLowercase == true { words += " " }
            words += letter.lowercased()
        }
        return words
    }
}
