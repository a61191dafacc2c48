package io.sluice.proxy.forward;

import io.sluice.proxy.limit.RateLimiters;
import io.sluice.proxy.route.RouteTable;
import java.util.Map;

/**
 * Which routes there are, and where they lead. Immutable; a change makes another one.
 *
 * @param targets by pool name; a route whose pool is missing answers 503
 */
public record Routing(RouteTable table, Map<String, ForwardingTarget> targets, RateLimiters limiters) {
    public Routing {
        targets = Map.copyOf(targets);
    }
}
