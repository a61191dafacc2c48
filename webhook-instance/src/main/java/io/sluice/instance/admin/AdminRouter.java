package io.sluice.instance.admin;

import io.sluice.service.admin.AuditHandler;
import io.sluice.service.admin.BearerTokenHandler;
import io.sluice.service.admin.BodyLimitHandler;
import io.sluice.service.admin.ProblemHandler;
import io.sluice.service.admin.RequestIdHandler;
import io.sluice.service.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/**
 * Every path of an instance that is no webhook. In this order: request id, audit; health, for anybody; drain-status and metrics, for
 * callers that come directly; everything else, for those that have the token too. Unknown paths need the token as well.
 */
public final class AdminRouter {
    private static final String METRICS = "/metrics";

    private final Vertx vertx;
    private final AdminAccess access;
    private final Metrics metrics;

    public AdminRouter(Vertx vertx, AdminAccess access, Metrics metrics) {
        this.vertx = vertx;
        this.access = access;
        this.metrics = metrics;
    }

    /**
     * Puts it together.
     *
     * @param more adds further protected paths
     */
    public Router build(HealthHandlers health, DrainHandlers drain, ConfigHandlers config, Consumer<Router> more) {
        Router router = Router.router(vertx);
        ProblemHandler.install(router);
        router.route().handler(new RequestIdHandler());
        health.mount(router);
        router.route("/admin/*").handler(new AuditHandler());
        router.route("/admin/*").handler(new DirectCallsHandler(access.throughProxy()));
        router.route(METRICS).handler(new DirectCallsHandler(access.throughProxy()));
        drain.mountOpen(router);
        router.get(METRICS).handler(this::scrape);
        router.route("/admin/*").handler(new BearerTokenHandler(access.token()));
        router.route("/admin/*").handler(new BodyLimitHandler(vertx, access.maxBodyBytes(), access.bodyTimeout()));
        drain.mountProtected(router);
        config.mount(router);
        more.accept(router);
        return router;
    }

    private void scrape(RoutingContext ctx) {
        vertx.executeBlocking(metrics::scrape, false)
                .onSuccess(page -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, Metrics.CONTENT_TYPE)
                        .end(page))
                .onFailure(ctx::fail);
    }
}
