package io.sluice.proxy.api;

import java.time.Instant;
import java.util.List;

/**
 * What the status page shows.
 *
 * @param at when this was so
 * @param eventsAfter the id after which all events can still be had from {@code /v1/events}, as {@code Last-Event-ID}
 */
public record StatusView(
        String bootId,
        Instant at,
        long eventsAfter,
        List<PoolView> pools,
        List<BackendChecks> checks,
        List<RouteSummary> routes) {
    public StatusView {
        pools = List.copyOf(pools);
        checks = List.copyOf(checks);
        routes = List.copyOf(routes);
    }
}
