import NIOCore
import NIOPosix
import Synchronization

/// Passes bytes on between callers and a server, as a router does that forgets the first connection as soon as its TLS
/// is agreed upon: nothing more of it arrives, and nobody is told.
enum ForgetfulRelay {
    /// Runs `body` with the relay's port; how many connections there were.
    static func run(to port: Int, _ body: (Int) async throws -> Void) async throws -> Int {
        let callers = Mutex<[any Channel]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { caller in
                let isForgotten = callers.withLock { callers in
                    callers.append(caller)
                    return callers.count == 1
                }
                // A caller's second message ends its part of the handshake.
                let messages = isForgotten ? 1 : Int.max
                return ClientBootstrap(group: caller.eventLoop).connect(host: "127.0.0.1", port: port).flatMapThrowing {
                    let memory = Memory(messages: messages)
                    try caller.pipeline.syncOperations.addHandler(Passing(to: $0, memory, isFromCaller: true))
                    try $0.pipeline.syncOperations.addHandler(Passing(to: caller, memory, isFromCaller: false))
                    try caller.syncOptions?.setOption(.autoRead, value: true)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(listener.localAddress?.port ?? 0)
        } catch {
            await close(callers.withLock { $0 } + [listener])
            throw error
        }
        await close(callers.withLock { $0 } + [listener])
        return callers.withLock { $0.count }
    }

    private static func close(_ channels: [any Channel]) async {
        for channel in channels { try? await channel.close() }
    }

    /// What a router knows of a connection: how many more messages of the caller it passes on before it forgets all.
    private final class Memory {
        private var messages: Int

        init(messages: Int) { self.messages = messages }

        func passes(isFromCaller: Bool) -> Bool {
            if isFromCaller { messages -= 1 }
            return messages >= 0
        }
    }

    private final class Passing: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let memory: Memory
        private let isFromCaller: Bool

        init(to other: any Channel, _ memory: Memory, isFromCaller: Bool) {
            (self.other, self.memory, self.isFromCaller) = (other, memory, isFromCaller)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard memory.passes(isFromCaller: isFromCaller) else { return }
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }
    }
}
