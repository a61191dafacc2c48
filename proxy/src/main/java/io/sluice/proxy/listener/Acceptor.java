package io.sluice.proxy.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening socket. Lives on the first of the event loops and deals connections out to all of them in turn. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final int BACKLOG = 4096;
    /** How long nothing is accepted after that failed, most likely because there are no file descriptors left. */
    private static final long PAUSE_MILLIS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    private final List<LoopListener> loops;
    private final Channel channel;
    private final boolean tls;
    private final int port;
    private int next;
    private @Nullable ScheduledFuture<?> resuming;

    private Acceptor(List<LoopListener> loops, Channel channel, boolean tls) {
        this.loops = loops;
        this.channel = channel;
        this.tls = tls;
        this.port = ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /**
     * Starts to accept; fails when it cannot listen there.
     *
     * @param tls whether that is what clients have to speak there
     */
    static Future<Acceptor> listen(
            VertxInternal vertx, InetSocketAddress address, boolean tls, List<LoopListener> loops) {
        ChannelFuture binding = new Bootstrap()
                .group(loops.get(0).loop())
                .channelFactory(vertx.transport().serverChannelFactory(false))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(address);
        return accepting(binding, tls, loops);
    }

    /** Starts to accept on a socket that listens already. */
    static Future<Acceptor> listen(Channel listening, boolean tls, List<LoopListener> loops) {
        ChannelFuture registering = new Bootstrap()
                .group(loops.get(0).loop())
                .channelFactory(() -> listening)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter())
                .register();
        return accepting(registering, tls, loops);
    }

    private static Future<Acceptor> accepting(ChannelFuture ready, boolean tls, List<LoopListener> loops) {
        Promise<Acceptor> promise = Promise.promise();
        ready.addListener(done -> {
            if (!done.isSuccess()) {
                promise.fail(ready.cause());
                return;
            }
            Acceptor acceptor = new Acceptor(loops, ready.channel(), tls);
            ready.channel().pipeline().addLast(acceptor);
            ready.channel().config().setAutoRead(true);
            promise.complete(acceptor);
        });
        return promise.future();
    }

    Channel channel() {
        return channel;
    }

    int port() {
        return port;
    }

    Future<Void> close() {
        Promise<Void> promise = Promise.promise();
        channel.close().addListener(closed -> promise.complete());
        return promise.future();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        LoopListener loop = loops.get(next);
        next = (next + 1) % loops.size();
        loop.accept((Channel) accepted, tls);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.warn("connections cannot be accepted for the moment", cause);
        channel.config().setAutoRead(false);
        if (resuming != null) {
            resuming.cancel(false);
        }
        resuming = channel.eventLoop()
                .schedule(() -> channel.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
