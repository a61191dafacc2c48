package io.sluice.instance;

import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.drain.Drain;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ListenException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The instance's port, served by several event loops: webhooks go to their handler as they are, everything else to the admin router. To
 * stop is to drain: lame-duck, refuse, wait for what runs, close.
 */
final class Listener implements Component {
    private static final String HOLDER = "shutdown";
    private static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int MAX_REQUEST_LINE_BYTES = 8 << 10;
    private static final long CLOSE_SECONDS = 2;

    private final Vertx vertx;
    private final ListenerSettings settings;
    private final DrainSettings drainSettings;
    private final Drain drain;
    private final Handler<HttpServerRequest> webhooks;
    private final Handler<HttpServerRequest> admin;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    Listener(
            Vertx vertx,
            ListenerSettings settings,
            DrainSettings drainSettings,
            Drain drain,
            Handler<HttpServerRequest> webhooks,
            Handler<HttpServerRequest> admin) {
        this.vertx = vertx;
        this.settings = settings;
        this.drainSettings = drainSettings;
        this.drain = drain;
        this.webhooks = webhooks;
        this.admin = admin;
    }

    @Override
    public String name() {
        return "listener";
    }

    @Override
    public Future<Void> start() {
        // A negative port is a free one that all servers of this deployment share.
        int port = settings.port() == 0 ? -1 : settings.port();
        return vertx.deployVerticle(() -> new Server(port), new DeploymentOptions().setInstances(settings.eventLoops()))
                .<Void>mapEmpty()
                .recover(failure ->
                        Future.failedFuture(ListenException.of("port", settings.host(), settings.port(), failure)));
    }

    int port() {
        if (servers.isEmpty()) {
            throw new IllegalStateException("the listener has not started");
        }
        return servers.get(0).actualPort();
    }

    @Override
    public Future<Void> stop() {
        if (servers.isEmpty()) {
            return Future.succeededFuture();
        }
        drain.start(HOLDER, drainSettings.shutdownGrace(), drainSettings.shutdownTimeout());
        Promise<Void> over = Promise.promise();
        Duration longest = drainSettings.shutdownGrace().plus(drainSettings.shutdownTimeout());
        long timer = vertx.setTimer(Math.max(1, longest.toMillis()), id -> over.tryComplete());
        Future.fromCompletionStage(drain.drained()).onSuccess(none -> over.tryComplete());
        return over.future().eventually(() -> {
            vertx.cancelTimer(timer);
            return Future.join(servers.stream()
                            .map(server -> server.shutdown(CLOSE_SECONDS, TimeUnit.SECONDS))
                            .toList())
                    .onComplete(closed -> servers.clear());
        });
    }

    private void route(HttpServerRequest request) {
        String path = request.path();
        if (path != null && path.startsWith(InstancePaths.WEBHOOK)) {
            webhooks.handle(request);
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        admin.handle(request);
    }

    private void count(HttpConnection connection) {
        if (connections.incrementAndGet() > settings.maxConnections()) {
            connections.decrementAndGet();
            connection.close();
            return;
        }
        connection.closeHandler(closed -> connections.decrementAndGet());
    }

    /** One event loop's share. */
    private final class Server extends VerticleBase {
        private final int port;

        Server(int port) {
            this.port = port;
        }

        @Override
        public Future<?> start() {
            return vertx.createHttpServer(new HttpServerOptions()
                            .setMaxHeaderSize(MAX_HEADER_BYTES)
                            .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                            .setIdleTimeout((int) settings.idleTimeout().toSeconds())
                            .setHttp2ClearTextEnabled(false))
                    .connectionHandler(Listener.this::count)
                    .requestHandler(Listener.this::route)
                    .listen(port, settings.host())
                    .onSuccess(servers::add);
        }
    }
}
