package io.sluice.proxy.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannelOption;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Listening sockets that come from another process, through a Unix domain socket. Both processes then have the same sockets with one queue of
 * connections, so that nobody who waits in it is lost when one of the two lets go; two sockets that share a port have a queue each, and closing one
 * resets what waits in it. Needs the epoll transport; see unix(7), SCM_RIGHTS.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and its end is what is waited for
public final class PassedSockets {
    private final List<EpollServerSocketChannel> sockets = new ArrayList<>();

    private PassedSockets() {}

    /** Whether listening sockets can be passed here: they can with the epoll transport. */
    public static boolean arePossible(Vertx vertx) {
        Channel example =
                ((VertxInternal) vertx).transport().serverChannelFactory(false).newChannel();
        example.unsafe().closeForcibly();
        return example instanceof EpollServerSocketChannel;
    }

    /** What the process that offers its sockets there passes on; whatever is not taken has to be closed. */
    public static Future<PassedSockets> receive(Vertx vertx, Path path) {
        Promise<PassedSockets> promise = Promise.promise();
        PassedSockets received = new PassedSockets();
        ChannelFuture connecting = new Bootstrap()
                .group(((VertxInternal) vertx).nettyEventLoopGroup().next())
                .channel(EpollDomainSocketChannel.class)
                .option(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS)
                .handler(new Receiver(received, promise))
                .connect(new DomainSocketAddress(path.toFile()));
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                promise.fail(connecting.cause());
            }
        });
        return promise.future();
    }

    private static final class Receiver extends ChannelInboundHandlerAdapter {
        private final PassedSockets received;
        private final Promise<PassedSockets> done;

        private Receiver(PassedSockets received, Promise<PassedSockets> done) {
            this.received = received;
            this.done = done;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            received.sockets.add(new EpollServerSocketChannel(((FileDescriptor) message).intValue()));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            done.tryComplete(received);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            received.close();
            done.tryFail(cause);
            context.close();
        }
    }

    /** Offers these to whoever connects there, which is who may open the file. */
    static Future<Channel> offer(EventLoop loop, Path path, Supplier<List<Channel>> sockets) {
        Promise<Channel> promise = Promise.promise();
        ChannelFuture binding = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new Sender(sockets))
                .bind(new DomainSocketAddress(path.toFile()));
        binding.addListener(bound -> {
            if (bound.isSuccess()) {
                promise.complete(binding.channel());
            } else {
                promise.fail(binding.cause());
            }
        });
        return promise.future();
    }

    private static final class Sender extends ChannelInitializer<Channel> {
        private final Supplier<List<Channel>> sockets;

        private Sender(Supplier<List<Channel>> sockets) {
            this.sockets = sockets;
        }

        @Override
        protected void initChannel(Channel asking) {
            asking.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    sockets.get().forEach(socket -> context.write(((EpollServerSocketChannel) socket).fd()));
                    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
                }
            });
        }
    }

    /** The one that listens there; it is the caller's from then on. */
    Optional<EpollServerSocketChannel> take(InetSocketAddress wanted) {
        for (Iterator<EpollServerSocketChannel> each = sockets.iterator(); each.hasNext(); ) {
            EpollServerSocketChannel socket = each.next();
            if (isSame(socket.localAddress(), wanted)) {
                each.remove();
                return Optional.of(socket);
            }
        }
        return Optional.empty();
    }

    /** A socket for every address has the one of IPv6 where there is any. */
    private static boolean isSame(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() == other.getPort()
                && !other.isUnresolved()
                && (one.getAddress().equals(other.getAddress())
                        || (one.getAddress().isAnyLocalAddress()
                                && other.getAddress().isAnyLocalAddress()));
    }

    /** Closes what was not taken. */
    void close() {
        sockets.forEach(socket -> socket.unsafe().closeForcibly());
        sockets.clear();
    }
}
