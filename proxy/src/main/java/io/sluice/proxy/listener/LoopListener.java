package io.sluice.proxy.listener;

import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.Forwarder;
import io.sluice.proxy.pool.Backend;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The listener's share on one event loop. All of its instances listen on the same port; connections are dealt out to them in turn. */
final class LoopListener extends VerticleBase {
    private static final int BACKLOG = 4096;
    /** Connections are looked at less often than exchanges: their timeouts are longer and there are more of them. */
    private static final int SWEEPS_PER_CONNECTION_SWEEP = 10;

    private final ListenerSettings settings;
    private final int port;
    private final TrafficListener.ForwarderFactory forwarders;
    private final ConnectionLimit limit;
    private final TrafficListener.Phase phase;
    private final LongSupplier nanoTime;
    private final long headNanos;
    private final long keepAliveNanos;

    private final IdentityHashMap<HttpConnection, ClientConnection> connections = new IdentityHashMap<>();
    private int sweeps;
    private long now;

    private @Nullable Context loop;
    private @Nullable HttpServer server;
    private @Nullable Forwarder forwarder;
    /** Written on the loop, read by whoever changes the pool. */
    private volatile boolean waiting;

    /** @param port negative for a free one, shared by all that ask with the same number */
    LoopListener(
            ListenerSettings settings,
            int port,
            TrafficListener.ForwarderFactory forwarders,
            ConnectionLimit limit,
            TrafficListener.Phase phase,
            LongSupplier nanoTime) {
        this.settings = settings;
        this.port = port;
        this.forwarders = forwarders;
        this.limit = limit;
        this.phase = phase;
        this.nanoTime = nanoTime;
        this.headNanos = settings.headTimeout().toNanos();
        this.keepAliveNanos = settings.keepAliveTimeout().toNanos();
    }

    @Override
    public Future<?> start() {
        loop = context;
        now = nanoTime.getAsLong();
        Forwarder own = forwarders.create(vertx);
        forwarder = own;
        HttpServer listening = vertx.createHttpServer(options());
        server = listening;
        listening.connectionHandler(this::accept);
        listening.requestHandler(request -> handle(request, own));
        listening.invalidRequestHandler(request -> refuseMalformed(request, own));
        // Resets and broken framing end their exchange; there is nothing else to do about them.
        listening.exceptionHandler(ignored -> {});
        vertx.setPeriodic(Forwarder.SWEEP_MILLIS, tick -> sweep(own));
        return listening.listen();
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHost(settings.host())
                .setPort(port)
                .setMaxInitialLineLength(settings.maxUriBytes())
                .setMaxHeaderSize(settings.maxHeaderBytes())
                .setHandle100ContinueAutomatically(false)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setStrictThreadMode(true)
                .setAcceptBacklog(BACKLOG)
                .setTcpNoDelay(true);
    }

    int port() {
        HttpServer listening = server;
        return listening == null ? 0 : listening.actualPort();
    }

    private void accept(HttpConnection transport) {
        if (!limit.tryOpen()) {
            transport.close();
            return;
        }
        String remote = transport.remoteAddress().hostAddress();
        String client = remote == null ? "unknown" : remote;
        boolean trusted = settings.forwarder().trustedPeers().contains(client);
        DownstreamPeer peer = DownstreamPeer.of(client, trusted, transport.isSsl() ? "https" : "http");
        connections.put(transport, new ClientConnection(this, transport, peer, nanoTime() + headNanos));
        transport.closeHandler(closed -> {
            connections.remove(transport);
            limit.closed();
        });
    }

    private void handle(HttpServerRequest request, Forwarder own) {
        ClientConnection connection = connections.get(request.connection());
        if (connection == null) {
            request.connection().close();
            return;
        }
        connection.requestBegun(request);
        own.handle(request, connection);
        waiting = own.hasWaiting();
    }

    private void refuseMalformed(HttpServerRequest request, Forwarder own) {
        HttpServerRequest.DEFAULT_INVALID_REQUEST_HANDLER.handle(request);
        ClientConnection connection = connections.get(request.connection());
        if (connection != null) {
            own.refused(request, connection);
        }
    }

    private void sweep(Forwarder own) {
        now = nanoTime.getAsLong();
        own.sweep();
        waiting = own.hasWaiting();
        sweeps++;
        if (sweeps % SWEEPS_PER_CONNECTION_SWEEP == 0) {
            List<ClientConnection> overdue = connections.values().stream()
                    .filter(connection -> connection.isOverdue(now))
                    .toList();
            overdue.forEach(ClientConnection::close);
        }
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** As coarse as the sweep, which costs nothing per request. */
    long keepAliveDeadline() {
        return now + keepAliveNanos;
    }

    boolean isStopping() {
        return phase.isStopping();
    }

    /** Any thread: connections to this backend must not be used again. */
    void closeIdle(Backend backend) {
        onLoop(own -> own.closeIdle(backend));
    }

    /** Any thread: a backend may have become eligible. */
    void wakeWaiting() {
        if (waiting) {
            onLoop(Forwarder::retryWaiting);
        }
    }

    private void onLoop(Consumer<Forwarder> action) {
        Context context = loop;
        Forwarder own = forwarder;
        if (context != null && own != null) {
            context.runOnContext(now -> action.accept(own));
        }
    }

    @Override
    public Future<?> stop() {
        HttpServer listening = server;
        Forwarder own = forwarder;
        if (listening == null || own == null) {
            return Future.succeededFuture();
        }
        return listening
                .shutdown(settings.stopTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .eventually(() -> {
                    own.close();
                    return Future.succeededFuture();
                });
    }
}
