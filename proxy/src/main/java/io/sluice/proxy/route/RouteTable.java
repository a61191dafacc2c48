package io.sluice.proxy.route;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All routes of a listener, immutable. The most specific one wins: exact host before wildcard before any, exact path before prefix, longer before
 * shorter; equal ones in the order of the file.
 */
public final class RouteTable {
    private static final Comparator<RouteSettings> MOST_SPECIFIC_FIRST = Comparator.comparingInt(RouteTable::hostRank)
            .thenComparing(settings -> -settings.host().length())
            .thenComparing(RouteSettings::pathMatch)
            .thenComparing(settings -> -settings.path().length());

    private final Route[] routes;

    public RouteTable(List<RouteSettings> settings) {
        List<RouteSettings> sorted =
                settings.stream().sorted(MOST_SPECIFIC_FIRST).toList();
        routes = new Route[sorted.size()];
        for (int i = 0; i < routes.length; i++) {
            routes[i] = new Route(i, sorted.get(i));
        }
    }

    public List<Route> routes() {
        return List.of(routes);
    }

    /**
     * Finds the route of a request; null when none matches.
     *
     * @param host without port
     * @param path in normal form
     */
    public @Nullable Route match(String host, String path) {
        for (Route route : routes) {
            if (route.matches(host, path)) {
                return route;
            }
        }
        return null;
    }

    private static int hostRank(RouteSettings settings) {
        if (settings.host().isEmpty()) {
            return 2;
        }
        return settings.host().startsWith("*.") ? 1 : 0;
    }
}
