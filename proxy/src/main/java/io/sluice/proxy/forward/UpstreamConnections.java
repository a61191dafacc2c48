package io.sluice.proxy.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.BackendTls;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop, a stack for each incarnation of a backend. The one used last is taken first: it is the least likely to
 * have been closed by the backend meanwhile, and those at the bottom can expire.
 *
 * <p>Connections are opened on the loop that serves the client, so that an exchange never changes threads, and they are never shared.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing
final class UpstreamConnections implements UpstreamSource {
    /** A connection gets its handler once it is open; before, there is nothing to handle. */
    private static final class Unopened extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {}
    }

    private static final class Stack {
        final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    }

    private final Bootstrap bootstrap;
    private final LongSupplier nanoTime;
    private final int maxIdle;
    private final long idleNanos;
    private final long freshNanos;
    private final IdentityHashMap<Backend, Stack> stacks = new IdentityHashMap<>();

    /**
     * Without connections.
     *
     * @param bootstrap makes client channels on the loop
     */
    UpstreamConnections(Bootstrap bootstrap, UpstreamSettings settings, LongSupplier nanoTime) {
        this.bootstrap = withoutAutoClose(bootstrap.clone()).handler(new Unopened());
        this.nanoTime = nanoTime;
        this.maxIdle = settings.maxIdlePerBackend();
        this.idleNanos = settings.idleTimeout().toNanos();
        this.freshNanos = settings.freshness().toNanos();
    }

    /** A write that fails leaves what was received to be read; see {@link UpstreamConnection}. */
    @SuppressWarnings("deprecation") // Netty keeps it for exactly this
    private static Bootstrap withoutAutoClose(Bootstrap bootstrap) {
        return bootstrap.option(ChannelOption.AUTO_CLOSE, false);
    }

    @Override
    public @Nullable UpstreamConnection poll(Backend backend, @Nullable BackendTls tls, boolean fresh) {
        Stack stack = stacks.get(backend);
        if (stack == null) {
            return null;
        }
        UpstreamConnection last = stack.idle.peekLast();
        while (last != null && (last.isClosed() || last.isOutdated() || !last.isSpokenBy(tls))) {
            // Of a hold we are told, but that message may still be waiting behind this request; how the backend is
            // spoken
            // to may have changed while another request ran on it.
            stack.idle.pollLast();
            discard(last);
            last = stack.idle.peekLast();
        }
        if (last == null || nanoTime.getAsLong() - last.idleSince() > (fresh ? freshNanos : idleNanos)) {
            return null;
        }
        stack.idle.pollLast();
        return last;
    }

    @Override
    public Opening connect(Backend backend, @Nullable BackendTls tls, Opened opened) {
        int timesHeld = backend.timesHeld();
        ChannelFuture connecting =
                bootstrap.connect(InetSocketAddress.createUnresolved(backend.host(), backend.port()));
        Channel channel = connecting.channel();
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                opened.failed(done.cause());
            } else if (tls == null) {
                UpstreamConnection connection = new UpstreamConnection(this, backend, channel, null, null, timesHeld);
                channel.pipeline().addLast(connection);
                opened.opened(connection);
            } else {
                SslHandler handler = tls.newHandler(channel.alloc(), backend.host(), backend.port());
                shakeHands(
                        new UpstreamConnection(this, backend, channel, tls, handler, timesHeld),
                        channel,
                        handler,
                        opened);
            }
        });
        return () -> channel.close();
    }

    private static void shakeHands(UpstreamConnection connection, Channel channel, SslHandler tls, Opened opened) {
        channel.pipeline().addLast(tls, connection);
        tls.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                opened.opened(connection);
            } else {
                connection.abandon();
                opened.failed(done.cause());
            }
        });
    }

    /** Takes back a connection on which a request and its response have both ended. */
    void giveBack(UpstreamConnection connection) {
        Backend backend = connection.backend();
        // A held backend may be about to restart: what is kept now would be dead when it returns.
        if (backend.isClosed() || connection.isOutdated() || !connection.keepsAlive()) {
            discard(connection);
            return;
        }
        Stack stack = stack(backend);
        if (stack.idle.size() >= maxIdle) {
            discard(connection);
            return;
        }
        connection.becomeIdle(nanoTime.getAsLong());
        stack.idle.addLast(connection);
    }

    /** Closes a connection in whatever state it is; also the only way to abandon a request that was begun. */
    void discard(UpstreamConnection connection) {
        connection.abandon();
    }

    @Override
    public void closeIdle(Backend backend) {
        Stack stack = stacks.remove(backend);
        if (stack != null) {
            stack.idle.forEach(this::discard);
        }
    }

    @Override
    public void sweep(long now) {
        for (Iterator<Stack> each = stacks.values().iterator(); each.hasNext(); ) {
            Stack stack = each.next();
            UpstreamConnection oldest = stack.idle.peekFirst();
            while (oldest != null && (oldest.isClosed() || now - oldest.idleSince() > idleNanos)) {
                stack.idle.pollFirst();
                discard(oldest);
                oldest = stack.idle.peekFirst();
            }
            if (stack.idle.isEmpty()) {
                each.remove();
            }
        }
    }

    @Override
    public void closeAll() {
        // Closing a connection may tell us at once, so nothing may find the stacks any more.
        List<Stack> all = List.copyOf(stacks.values());
        stacks.clear();
        all.forEach(stack -> stack.idle.forEach(this::discard));
    }

    private Stack stack(Backend backend) {
        Stack stack = stacks.get(backend);
        if (stack == null) {
            stack = new Stack();
            stacks.put(backend, stack);
        }
        return stack;
    }
}
