package io.sluice.instance.admin;

import io.sluice.instance.api.HealthCheck;
import io.sluice.instance.api.HealthReport;
import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.health.ConnectionProbes;
import io.sluice.instance.health.Health;
import io.sluice.service.admin.JsonExchange;
import io.vertx.core.Handler;
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

    /** @param deepCallers whom a deep check is for, since it opens connections */
    void mount(Router router, Handler<RoutingContext> deepCallers) {
        Handler<RoutingContext> guard = ctx -> {
            if (isDeep(ctx)) {
                deepCallers.handle(ctx);
            } else {
                ctx.next();
            }
        };
        router.get(InstancePaths.HEALTH).handler(guard);
        router.get(InstancePaths.READY).handler(guard);
        router.get(InstancePaths.HEALTH).handler(this::health);
        router.get(InstancePaths.READY).handler(this::health);
        // That an event loop answers is all there is to being alive; anything more would restart instances for others'
        // faults.
        router.get(InstancePaths.LIVE).handler(ctx -> JsonExchange.send(ctx, 200, Map.of("status", "alive")));
    }

    /** What is behind the instance is nobody's business outside, so a deep check has to be asked for directly. */
    private static boolean isDeep(RoutingContext ctx) {
        return "1".equals(ctx.request().getParam("deep"))
                && !DirectCallsHandler.isProxied(ctx.request().headers());
    }

    private void health(RoutingContext ctx) {
        if (isDeep(ctx)) {
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
