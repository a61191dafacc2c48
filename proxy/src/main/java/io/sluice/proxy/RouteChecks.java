package io.sluice.proxy;

import io.sluice.proxy.route.RouteSettings;
import io.sluice.service.settings.SettingsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is to be checked of routes together. One instance per list of routes. */
final class RouteChecks {
    private final List<String> pools;
    private final List<RouteSettings> seen = new ArrayList<>();

    /** @param pools that there are */
    RouteChecks(List<String> pools) {
        this.pools = List.copyOf(pools);
    }

    /** Notes everything about this route that does not fit the pools and the routes before it. */
    void check(SettingsReader reader, RouteSettings route) {
        if (!pools.contains(route.pool()) && !route.pool().isEmpty()) {
            reader.problem("pool", route.pool(), "one of " + String.join(", ", pools));
        }
        String fallback = route.rules().fallback();
        if (!fallback.isEmpty() && (!pools.contains(fallback) || fallback.equals(route.pool()))) {
            reader.problem("fallback", fallback, "another one of " + String.join(", ", pools));
        }
        boolean nameTaken = seen.stream().anyMatch(other -> other.name().equals(route.name()));
        if (nameTaken && !route.name().isEmpty()) {
            reader.problem("name", route.name(), "a name that no other route has");
        }
        earlierFor(route)
                .ifPresent(other -> reader.problem(
                        reader.has("exact-path") ? "exact-path" : "path",
                        route.path(),
                        "a place, or methods, that route " + other.name() + " does not take already"));
        seen.add(route);
    }

    /** A route of the same place that takes every request that this one is for. */
    private Optional<RouteSettings> earlierFor(RouteSettings route) {
        return seen.stream()
                .filter(other -> isSamePlace(other, route))
                .filter(other -> takesAll(other.rules().methods(), route.rules().methods()))
                .findFirst();
    }

    private static boolean isSamePlace(RouteSettings one, RouteSettings other) {
        return one.pathMatch() == other.pathMatch()
                && one.path().equals(other.path())
                && one.host().equals(other.host())
                && one.rules().scheme().equals(other.rules().scheme());
    }

    /** Of one place, routes for certain methods come before those for all. */
    private static boolean takesAll(Set<String> earlier, Set<String> later) {
        return later.isEmpty() ? earlier.isEmpty() : !earlier.isEmpty() && earlier.containsAll(later);
    }
}
