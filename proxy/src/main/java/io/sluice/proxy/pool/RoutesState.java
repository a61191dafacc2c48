package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What is wished of all routes at one revision. Immutable.
 *
 * @param revision rises by one with each change; 0 while there never was a route
 * @param rateLimits zones by name, which only the file or a replacement of all routes sets
 */
public record RoutesState(long revision, ObjectNode rateLimits, List<Document> routes) {
    static final RoutesState NONE = new RoutesState(0, JsonNodeFactory.instance.objectNode(), List.of());

    public RoutesState {
        rateLimits = Document.canonical(rateLimits);
        routes = List.copyOf(routes);
    }

    public Optional<Document> route(String name) {
        return routes.stream().filter(route -> route.name().equals(name)).findFirst();
    }

    RoutesState with(List<Document> changed) {
        return new RoutesState(revision, rateLimits, changed);
    }

    RoutesState with(ObjectNode changedRateLimits, List<Document> changed) {
        return new RoutesState(revision, changedRateLimits, changed);
    }

    /** This, at the next revision if it says anything else than {@code before}. */
    RoutesState after(RoutesState before) {
        boolean same = rateLimits.equals(before.rateLimits) && routes.equals(before.routes);
        return new RoutesState(same ? before.revision : before.revision + 1, rateLimits, routes);
    }
}
