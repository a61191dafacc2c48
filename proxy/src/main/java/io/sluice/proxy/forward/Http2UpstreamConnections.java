package io.sluice.proxy.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.BackendTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connections of one event loop to backends. A request goes on the first that has room; when none has, it waits for one that is being
 * opened, together with others.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing
final class Http2UpstreamConnections implements UpstreamSource {
    /** As many as are likely to fit on it. */
    private static final int MOST_WAITING = 100;

    private final Bootstrap bootstrap;
    private final LongSupplier nanoTime;
    private final UpstreamSettings settings;
    private final ExchangeObserver observer;
    private final long idleNanos;
    private final long freshNanos;
    private final IdentityHashMap<Backend, List<Http2UpstreamConnection>> open = new IdentityHashMap<>();
    private final List<Pending> pending = new ArrayList<>();

    Http2UpstreamConnections(
            Bootstrap bootstrap, UpstreamSettings settings, ExchangeObserver observer, LongSupplier nanoTime) {
        this.bootstrap = bootstrap.clone().handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {}
        });
        this.nanoTime = nanoTime;
        this.settings = settings;
        this.observer = observer;
        this.idleNanos = settings.idleTimeout().toNanos();
        this.freshNanos = settings.freshness().toNanos();
    }

    /** A connection that is being opened, and who waits for it. */
    private final class Pending implements Http2UpstreamConnection.Owner {
        private final Backend backend;
        private final @Nullable BackendTls tls;
        private final ArrayDeque<Opened> waiting = new ArrayDeque<>();
        private @Nullable Channel channel;

        Pending(Backend backend, @Nullable BackendTls tls) {
            this.backend = backend;
            this.tls = tls;
        }

        boolean leadsTo(Backend other, @Nullable BackendTls by) {
            return backend == other && tls == by;
        }

        void start() {
            int timesHeld = backend.timesHeld();
            ChannelFuture connecting =
                    bootstrap.connect(InetSocketAddress.createUnresolved(backend.host(), backend.port()));
            Channel opening = connecting.channel();
            channel = opening;
            Http2UpstreamConnection connection =
                    new Http2UpstreamConnection(this, backend, opening, tls, timesHeld, settings, nanoTime);
            connecting.addListener(done -> {
                if (!done.isSuccess()) {
                    connection.ended(done.cause());
                } else if (tls == null) {
                    speak(connection);
                } else {
                    shakeHands(connection, opening, tls);
                }
            });
        }

        private void shakeHands(Http2UpstreamConnection connection, Channel opening, BackendTls by) {
            SslHandler handler = by.newHandler(opening.alloc(), backend.host(), backend.port());
            HandshakeErrors errors = new HandshakeErrors();
            opening.pipeline().addLast(handler, errors);
            handler.handshakeFuture().addListener(done -> {
                if (!done.isSuccess()) {
                    connection.ended(done.cause());
                } else if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                    opening.pipeline().remove(errors);
                    speak(connection);
                } else {
                    connection.ended(new IOException("the backend does not offer HTTP/2"));
                }
            });
        }

        private void speak(Http2UpstreamConnection connection) {
            try {
                connection.start();
            } catch (Http2Exception e) {
                connection.ended(e);
            }
        }

        void cancel(Opened one) {
            waiting.remove(one);
            Channel unwanted = channel;
            if (waiting.isEmpty() && pending.remove(this) && unwanted != null) {
                unwanted.close();
            }
        }

        @Override
        public void opened(Http2UpstreamConnection connection) {
            pending.remove(this);
            open.computeIfAbsent(backend, any -> new ArrayList<>()).add(connection);
            boolean served = false;
            Opened next = waiting.poll();
            while (next != null) {
                Http2UpstreamStream stream = connection.newStream();
                if (stream != null) {
                    served = true;
                    next.opened(stream);
                } else if (served) {
                    connect(backend, tls, next);
                } else {
                    // Another connection would be no better.
                    next.failed(new IOException("the backend takes no requests on a new connection"));
                }
                next = waiting.poll();
            }
        }

        @Override
        public void closed(Http2UpstreamConnection connection, Throwable cause) {
            pending.remove(this);
            List<Http2UpstreamConnection> others = open.get(backend);
            if (others != null && others.remove(connection) && others.isEmpty()) {
                open.remove(backend);
            }
            Opened next = waiting.poll();
            while (next != null) {
                next.failed(cause);
                next = waiting.poll();
            }
        }
    }

    @Override
    public @Nullable Upstream poll(Backend backend, @Nullable BackendTls tls, boolean fresh) {
        List<Http2UpstreamConnection> some = open.get(backend);
        if (some == null) {
            return null;
        }
        long now = nanoTime.getAsLong();
        for (int i = 0; i < some.size(); i++) {
            Http2UpstreamConnection connection = some.get(i);
            boolean trusted = !connection.isOutdated()
                    && connection.isSpokenBy(tls)
                    && (!fresh || now - connection.heardAt() <= freshNanos);
            Http2UpstreamStream stream = trusted ? connection.newStream() : null;
            if (stream != null) {
                connection.askIfSilentFor(freshNanos, now);
                return stream;
            }
        }
        return null;
    }

    @Override
    public Opening connect(Backend backend, @Nullable BackendTls tls, Opened opened) {
        for (Pending each : pending) {
            if (each.leadsTo(backend, tls) && each.waiting.size() < MOST_WAITING) {
                each.waiting.add(opened);
                return () -> each.cancel(opened);
            }
        }
        Pending begun = new Pending(backend, tls);
        begun.waiting.add(opened);
        pending.add(begun);
        begun.start();
        return () -> begun.cancel(opened);
    }

    @Override
    public void closeIdle(Backend backend) {
        List<Http2UpstreamConnection> all = open.get(backend);
        if (all != null) {
            List.copyOf(all).forEach(Http2UpstreamConnection::retire);
        }
    }

    @Override
    public void sweep(long now) {
        if (open.isEmpty()) {
            return;
        }
        List<Http2UpstreamConnection> idle = new ArrayList<>();
        List<Http2UpstreamConnection> dead = new ArrayList<>();
        for (List<Http2UpstreamConnection> each : open.values()) {
            for (Http2UpstreamConnection connection : each) {
                if (connection.isIdleFor(idleNanos, now)) {
                    idle.add(connection);
                } else if (!connection.looksAlive(now)) {
                    dead.add(connection);
                }
            }
        }
        idle.forEach(Http2UpstreamConnection::retire);
        for (Http2UpstreamConnection connection : dead) {
            observer.pingTimedOut(connection.backend().pool());
            connection.giveUp();
        }
    }

    @Override
    public void closeAll() {
        List<Http2UpstreamConnection> all =
                open.values().stream().flatMap(List::stream).toList();
        all.forEach(Http2UpstreamConnection::close);
    }
}
