package io.sluice.proxy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Every route at one revision of them.
 *
 * @param rateLimits the zones that routes may name, as under {@code rate-limits} of the settings file
 * @param routes in order, which decides between routes that are equally specific
 */
public record RouteList(String bootId, long revision, ObjectNode rateLimits, List<RouteView> routes) {
    public RouteList {
        routes = List.copyOf(routes);
    }
}
