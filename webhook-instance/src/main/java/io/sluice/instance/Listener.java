package io.sluice.instance;

import io.sluice.instance.ListenerMetrics.Reason;
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
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The instance's port, served by several event loops: webhooks go to their handler as they are, everything else to the admin router. To
 * stop is to drain: lame-duck, refuse, wait for what runs, close.
 */
final class Listener implements Component {
    private static final String HOLDER = "shutdown";
    private static final long CLOSE_SECONDS = 2;

    /** RFC 6585 §5. */
    private static final int HEADERS_TOO_LARGE = 431;

    /** How often a loop looks at its connections: as late as that may one be closed, in parts of its time. */
    private static final int LOOKS_PER_TIMEOUT = 8;

    private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final ListenerSettings settings;
    private final DrainSettings drainSettings;
    private final Drain drain;
    private final Handler<HttpServerRequest> webhooks;
    private final Handler<HttpServerRequest> admin;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final ListenerMetrics metrics;
    private final LongSupplier nanos;
    private volatile @Nullable String deployment;

    Listener(
            Vertx vertx,
            ListenerSettings settings,
            DrainSettings drainSettings,
            Drain drain,
            Handler<HttpServerRequest> webhooks,
            Handler<HttpServerRequest> admin,
            ListenerMetrics metrics,
            LongSupplier nanos) {
        this.vertx = vertx;
        this.settings = settings;
        this.drainSettings = drainSettings;
        this.drain = drain;
        this.webhooks = webhooks;
        this.admin = admin;
        this.metrics = metrics;
        this.nanos = nanos;
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
                .onSuccess(id -> deployment = id)
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
                    .onComplete(closed -> servers.clear())
                    .eventually(this::undeploy);
        });
    }

    private Future<Void> undeploy() {
        String id = deployment;
        return id == null ? Future.succeededFuture() : vertx.undeploy(id);
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

    private boolean hasTooManyHeaders(HttpServerRequest request) {
        int left = settings.maxHeaders();
        for (Map.Entry<String, String> ignored : request.headers()) {
            if (--left < 0) {
                return true;
            }
        }
        return false;
    }

    private void refuseHead(HttpServerRequest request) {
        metrics.refused(Reason.HEADERS, 1);
        request.response()
                .setStatusCode(HEADERS_TOO_LARGE)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end()
                .onComplete(sent -> request.connection().close());
    }

    private void refuseMalformed(HttpServerRequest request) {
        metrics.refused(Reason.MALFORMED, 1);
        HttpServerRequest.DEFAULT_INVALID_REQUEST_HANDLER.handle(request);
    }

    private long lookMillis() {
        Duration shortest = settings.headTimeout().compareTo(settings.idleTimeout()) < 0
                ? settings.headTimeout()
                : settings.idleTimeout();
        return Math.max(
                1,
                Math.min(
                        LONGEST_LOOK.toMillis(),
                        shortest.dividedBy(LOOKS_PER_TIMEOUT).toMillis()));
    }

    /** One event loop's share. */
    private final class Server extends VerticleBase {
        private final int port;
        private final Connections connections = new Connections(settings.headTimeout(), settings.idleTimeout(), nanos);

        Server(int port) {
            this.port = port;
        }

        @Override
        public Future<?> start() {
            vertx.setPeriodic(lookMillis(), look -> {
                int closed = connections.closeOverdue();
                if (closed > 0) {
                    metrics.refused(Reason.TIMEOUT, closed);
                }
            });
            return vertx.createHttpServer(new HttpServerOptions()
                            .setMaxHeaderSize(settings.maxHeaderBytes())
                            .setMaxInitialLineLength(settings.maxUriBytes())
                            .setHttp2ClearTextEnabled(false))
                    .connectionHandler(this::opened)
                    .requestHandler(this::handle)
                    .invalidRequestHandler(Listener.this::refuseMalformed)
                    .listen(port, settings.host())
                    .onSuccess(servers::add);
        }

        private void opened(HttpConnection connection) {
            if (metrics.opened() > settings.maxConnections()) {
                metrics.closed();
                metrics.refused(Reason.CONNECTIONS, 1);
                connection.close();
                return;
            }
            connections.opened(connection);
            connection.closeHandler(closed -> {
                connections.closed(connection);
                metrics.closed();
            });
        }

        private void handle(HttpServerRequest request) {
            connections.begun(request);
            if (hasTooManyHeaders(request)) {
                refuseHead(request);
            } else {
                route(request);
            }
        }
    }
}
