package io.sluice.service.admin;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ListenException;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The listener through which a program is operated. Everything added to {@link #router()} needs the token, except GETs of paths that
 * {@link #open} names; {@code /healthz}, {@code /readyz} and {@code /metrics} are there and open. Each request has passed, in this order:
 * request id, audit, host and origin check, token, body limit. Failures become problem documents.
 */
public final class AdminServer implements Component {
    private static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int MAX_REQUEST_LINE_BYTES = 8 << 10;

    /** Above the longest long poll and well above the heartbeat of event streams. */
    private static final int IDLE_SECONDS = 90;

    private static final long STOP_MILLIS = 2_000;
    private static final long YIELD_MILLIS = 250;

    private final Vertx vertx;
    private final AdminSettings settings;
    private final String settingsKey;
    private final Router router;
    private final Set<String> openPaths = ConcurrentHashMap.newKeySet();
    private final List<Predicate<RoutingContext>> admissions = new CopyOnWriteArrayList<>();
    private final List<EventStream> streams = new CopyOnWriteArrayList<>();
    private final ConnectionGuard guard;
    private volatile @Nullable HttpServer server;

    public AdminServer(Vertx vertx, AdminSettings settings, Metrics metrics, Readiness readiness) {
        this(vertx, settings, metrics, readiness, "admin");
    }

    /** @param settingsKey the section the settings came from, for messages */
    public AdminServer(Vertx vertx, AdminSettings settings, Metrics metrics, Readiness readiness, String settingsKey) {
        this(
                vertx,
                settings,
                settingsKey,
                new HostCheckHandler(settings.host(), settings.allowedHosts()),
                settings.token());
        router.get("/healthz").handler(ctx -> JsonExchange.send(ctx, 200, Map.of("status", "up")));
        router.get("/readyz").handler(ctx -> readiness(ctx, readiness));
        router.get("/metrics").handler(ctx -> metrics(ctx, metrics));
        openPaths.addAll(List.of("/healthz", "/readyz", "/metrics"));
    }

    private AdminServer(
            Vertx vertx,
            AdminSettings settings,
            String settingsKey,
            Handler<RoutingContext> hostCheck,
            @Nullable Secret token) {
        this.vertx = vertx;
        this.settings = settings;
        this.settingsKey = settingsKey;
        this.router = Router.router(vertx);
        this.guard = new ConnectionGuard(vertx, settings.maxConnections(), settings.requestTimeout());
        installHandlers(hostCheck, token);
    }

    /**
     * One that operators do not use: nothing is open, no admin token lets in, only what {@link #alsoAdmit} says. Callers may address it by any name, since no
     * browser has what lets in.
     */
    public static AdminServer forOthers(Vertx vertx, AdminSettings settings, String settingsKey) {
        Secret nobodysToken = Secret.of(UUID.randomUUID().toString());
        return new AdminServer(vertx, settings, settingsKey, RoutingContext::next, nobodysToken);
    }

    /** Where a program adds its endpoints. */
    public Router router() {
        return router;
    }

    /** Lets anybody GET this exact path. */
    public void open(String path) {
        openPaths.add(path);
    }

    /**
     * Lets requests in without the admin token for which {@code admission} says so; what it admits has to be told apart by path and method, and by a credential
     * of its own. To be called before the start.
     */
    public void alsoAdmit(Predicate<RoutingContext> admission) {
        admissions.add(admission);
    }

    /** Makes a stream that ends together with this server. */
    public EventStream eventStream(int remembered) {
        EventStream stream = new EventStream(vertx, remembered);
        streams.add(stream);
        return stream;
    }

    @Override
    public String name() {
        return settingsKey + " server";
    }

    /** May be called again after {@link #stop}. */
    @Override
    public Future<Void> start() {
        streams.forEach(EventStream::reopen);
        HttpServer http = vertx.createHttpServer(new HttpServerOptions()
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                        .setIdleTimeout(IDLE_SECONDS)
                        .setHttp2ClearTextEnabled(false)
                        .setHandle100ContinueAutomatically(true))
                .connectionHandler(guard::opened)
                .requestHandler(router);
        return http.listen(settings.port(), settings.host())
                .onSuccess(listening -> server = listening)
                .<Void>mapEmpty()
                .recover(failure -> Future.failedFuture(
                        ListenException.of(settingsKey + ".port", settings.host(), settings.port(), failure)));
    }

    @Override
    public Future<Void> stop() {
        return stop(STOP_MILLIS);
    }

    /** Lets go of the port soon, so that another process can have it: who waits for something long has to ask there. */
    public Future<Void> yieldPort() {
        return stop(YIELD_MILLIS);
    }

    private Future<Void> stop(long millis) {
        HttpServer running = server;
        if (running == null) {
            return Future.succeededFuture();
        }
        streams.forEach(EventStream::close);
        return running.shutdown(millis, TimeUnit.MILLISECONDS);
    }

    /** The port in use, once started. */
    public int port() {
        HttpServer running = server;
        if (running == null) {
            throw new IllegalStateException("the admin server has not started");
        }
        return running.actualPort();
    }

    private void installHandlers(Handler<RoutingContext> hostCheck, @Nullable Secret token) {
        ProblemHandler.install(router);
        router.route().handler(guard);
        router.route().handler(new RequestIdHandler());
        router.route().handler(new AuditHandler());
        router.route().handler(hostCheck);
        BearerTokenHandler tokens = new BearerTokenHandler(token);
        router.route().handler(ctx -> {
            if (isOpen(ctx) || admissions.stream().anyMatch(each -> each.test(ctx))) {
                ctx.next();
            } else {
                tokens.handle(ctx);
            }
        });
        router.route().handler(new BodyLimitHandler(vertx, settings.maxBodyBytes(), settings.requestTimeout()));
    }

    private boolean isOpen(RoutingContext ctx) {
        HttpMethod method = ctx.request().method();
        return (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))
                && openPaths.contains(ctx.normalizedPath());
    }

    private static void readiness(RoutingContext ctx, Readiness readiness) {
        Optional<String> reason = readiness.notReadyBecause();
        if (reason.isEmpty()) {
            JsonExchange.send(ctx, 200, Map.of("status", "ready"));
        } else {
            JsonExchange.send(ctx, 503, Map.of("status", "not-ready", "detail", reason.get()));
        }
    }

    private void metrics(RoutingContext ctx, Metrics metrics) {
        vertx.executeBlocking(metrics::scrape, false)
                .onSuccess(page -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, Metrics.CONTENT_TYPE)
                        .end(page))
                .onFailure(ctx::fail);
    }
}
