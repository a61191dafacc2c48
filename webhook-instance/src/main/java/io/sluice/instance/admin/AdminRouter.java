package io.sluice.instance.admin;

import io.sluice.instance.api.InstanceHeaders;
import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.service.admin.AuditHandler;
import io.sluice.service.admin.BearerTokenHandler;
import io.sluice.service.admin.BodyLimitHandler;
import io.sluice.service.admin.HostCheckHandler;
import io.sluice.service.admin.ProblemHandler;
import io.sluice.service.admin.RequestIdHandler;
import io.sluice.service.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Every path of an instance that is no webhook. In this order: request id, audit; health, for anybody; drain-status, for callers
 * that come directly, and metrics, for those of them that are on this machine; everything else, for those that have the token too. Unknown paths need the token as well.
 */
public final class AdminRouter {
    private static final String METRICS = "/metrics";

    private final Vertx vertx;
    private final AdminAccess access;
    private final String instanceId;
    private final CurrentConfiguration configuration;

    public AdminRouter(Vertx vertx, AdminAccess access, String instanceId, CurrentConfiguration configuration) {
        this.vertx = vertx;
        this.access = access;
        this.instanceId = instanceId;
        this.configuration = configuration;
    }

    /**
     * Puts it together.
     *
     * @param metrics renders the page for Prometheus; takes milliseconds
     * @param more adds further protected paths
     */
    public Router build(
            HealthHandlers health,
            DrainHandlers drain,
            ConfigHandlers config,
            Callable<String> metrics,
            Consumer<Router> more) {
        Router router = Router.router(vertx);
        ProblemHandler.install(router);
        router.route().handler(this::identify);
        router.route().handler(new RequestIdHandler());
        BearerTokenHandler tokens = new BearerTokenHandler(access.token());
        HostCheckHandler hosts = new HostCheckHandler(instanceId, access.allowedHosts());
        health.mount(router, new TokenlessCallsHandler(tokens, hosts, false));
        router.route("/admin/*").handler(new AuditHandler());
        router.route("/admin/*").handler(new DirectCallsHandler(access.throughProxy()));
        router.route(METRICS).handler(new DirectCallsHandler(access.throughProxy()));
        router.get(InstancePaths.DRAIN_STATUS).handler(new TokenlessCallsHandler(tokens, hosts, false));
        drain.mountOpen(router);
        router.get(METRICS).handler(new TokenlessCallsHandler(tokens, hosts, true));
        router.get(METRICS).handler(ctx -> scrape(ctx, metrics));
        router.route("/admin/*").handler(tokens);
        router.route("/admin/*").handler(new BodyLimitHandler(vertx, access.maxBodyBytes(), access.bodyTimeout()));
        drain.mountProtected(router);
        config.mount(router);
        more.accept(router);
        return router;
    }

    /** The hash is the one at the end of the request: it tells what would answer the next. */
    private void identify(RoutingContext ctx) {
        ctx.addHeadersEndHandler(sending -> ctx.response()
                .putHeader(InstanceHeaders.INSTANCE_ID, instanceId)
                .putHeader(InstanceHeaders.CONFIG_HASH, configuration.get().hash()));
        ctx.next();
    }

    private void scrape(RoutingContext ctx, Callable<String> metrics) {
        vertx.executeBlocking(metrics, false)
                .onSuccess(page -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, Metrics.CONTENT_TYPE)
                        .end(page))
                .onFailure(ctx::fail);
    }
}
