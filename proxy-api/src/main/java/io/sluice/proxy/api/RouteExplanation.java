package io.sluice.proxy.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which route a request would take, and why no other.
 *
 * @param route absent when there is none
 * @param routes in the order in which they are looked at
 */
public record RouteExplanation(
        String bootId, long revision, @Nullable String route, List<Candidate> routes) {
    public RouteExplanation {
        routes = List.copyOf(routes);
    }

    /** One route, and what speaks for or against it. */
    public record Candidate(String route, boolean matches, String explanation) {}
}
