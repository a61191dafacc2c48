package io.sluice.instance.admin;

import io.sluice.instance.api.HealthCheck;
import io.sluice.instance.api.HealthReport;
import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.health.ConnectionProbes;
import io.sluice.instance.health.Health;
import io.sluice.service.admin.JsonExchange;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** Answers how the instance is, to anybody. */
public final class HealthHandlers {
    private final Health health;
    private final ConnectionProbes probes;

    public HealthHandlers(Health health, ConnectionProbes probes) {
        this.health = health;
        this.probes = probes;
    }

    void mount(Router router) {
        router.get(InstancePaths.HEALTH).handler(this::health);
        router.get(InstancePaths.READY).handler(this::health);
        // That an event loop answers is all there is to being alive; anything more would restart instances for others'
        // faults.
        router.get(InstancePaths.LIVE).handler(ctx -> JsonExchange.send(ctx, 200, Map.of("status", "alive")));
    }

    /** What is behind the instance is nobody's business outside, so a deep check has to be asked for directly. */
    private void health(RoutingContext ctx) {
        boolean deep = "1".equals(ctx.request().getParam("deep"))
                && !DirectCallsHandler.isProxied(ctx.request().headers());
        if (deep) {
            probes.probe().onSuccess(results -> send(ctx, results)).onFailure(ctx::fail);
        } else {
            send(ctx, Map.of());
        }
    }

    private void send(RoutingContext ctx, Map<String, HealthCheck> more) {
        HealthReport report = health.report(more);
        ctx.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        JsonExchange.send(ctx, Health.httpStatus(report), report);
    }
}
