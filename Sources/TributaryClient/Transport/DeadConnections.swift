import AsyncHTTPClient
import NIOCore
import TributaryCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Gives up connections whose other end has gone without a word: a router that was restarted, a host that lost its power.
///
/// Nothing comes of such a connection, not even an error. A call over it runs out of time, but HTTP/2 sends the next one
/// over the same connection, until TCP gives up after a quarter of an hour. So TCP is told to ask sooner: when the
/// connection is idle (keep-alive, RFC 9293 §3.8.4), and when what was sent is not acknowledged (RFC 5482).
struct DeadConnections {
    // Half of the limit in silence, then a question every sixth of it: the whole is the limit.
    private let idleSeconds: Int
    private let intervalSeconds: Int
    private let limitMilliseconds: Int
    private static let probes = 3

    /// - Parameter limit: how long what is sent may go without an answer of the other machine.
    init(limit: Duration) {
        // Below that, a link that loses a few packets in a row would lose its connections, too.
        let seconds = Int(min(max(limit.inSeconds.rounded(.up), 6), 3600))
        idleSeconds = seconds / 2
        intervalSeconds = max(seconds / 6, 1)
        limitMilliseconds = seconds * 1000
    }

    /// Has all connections of a client watched.
    func watch(_ configuration: inout HTTPClient.Configuration) {
        configuration.http1_1ConnectionDebugInitializer = { watch($0) }
        configuration.http2ConnectionDebugInitializer = { watch($0) }
    }

    /// A system that does not know one of the options does without it.
    private func watch(_ channel: any Channel) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(
            options.map { option, value in channel.setOption(option, value: value) }, on: channel.eventLoop)
    }

    private var options: [(ChannelOptions.Types.SocketOption, Int)] {
        let asking =
            [
                (.socketOption(.so_keepalive), 1), (.tcp(TCP_KEEPINTVL), intervalSeconds),
                (.tcp(TCP_KEEPCNT), Self.probes),
            ] as [(ChannelOptions.Types.SocketOption, Int)]
        #if canImport(Darwin)
            return asking + [(.tcp(TCP_KEEPALIVE), idleSeconds)]
        #else
            return asking + [(.tcp(TCP_KEEPIDLE), idleSeconds), (.tcp(TCP_USER_TIMEOUT), limitMilliseconds)]
        #endif
    }
}

extension ChannelOptions.Types.SocketOption {
    fileprivate static func tcp(_ name: CInt) -> Self { .tcpOption(NIOBSDSocket.Option(rawValue: name)) }
}
