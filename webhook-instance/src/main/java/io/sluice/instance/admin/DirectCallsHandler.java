package io.sluice.instance.admin;

import io.sluice.service.problem.Problem;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Lets only callers pass that came straight here. A proxy that publishes {@code /admin/} by accident would send a push to one random
 * instance, and the world to all of them; it says so itself by what it adds. A browser's page has no business here either ({@code Origin}).
 */
final class DirectCallsHandler implements Handler<RoutingContext> {
    private static final List<String> ADDED_BY_PROXIES =
            List.of("Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP");

    private final boolean throughProxy;

    DirectCallsHandler(boolean throughProxy) {
        this.throughProxy = throughProxy;
    }

    @Override
    public void handle(RoutingContext ctx) {
        MultiMap headers = ctx.request().headers();
        if (headers.contains("Origin")) {
            throw refusal("origin-not-allowed", "web pages may not call this");
        }
        if (!throughProxy && isProxied(headers)) {
            throw refusal("not-through-a-proxy", "call the instance directly (setting: admin.through-proxy)");
        }
        ctx.next();
    }

    static boolean isProxied(MultiMap headers) {
        return ADDED_BY_PROXIES.stream().anyMatch(headers::contains);
    }

    private static RuntimeException refusal(String type, String detail) {
        return Problem.of(type, 403, "Forbidden").withDetail(detail).asException();
    }
}
