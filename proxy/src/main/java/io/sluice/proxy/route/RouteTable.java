package io.sluice.proxy.route;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All routes of a listener, immutable. The most specific one wins: one scheme before both, exact host before wildcard before any, exact path before prefix, longer before
 * shorter; equal ones in the order of the file, those for certain methods before one for all. Host and path decide before the method does: what is
 * said about a place holds for it, and a request with another method does not slip through to a route for a larger place.
 */
public final class RouteTable {
    private static final Comparator<RouteSettings> MOST_SPECIFIC_FIRST = Comparator.<RouteSettings, Boolean>comparing(
                    settings -> settings.rules().scheme().isEmpty())
            .thenComparing(settings -> settings.rules().scheme())
            .thenComparingInt(RouteTable::hostRank)
            .thenComparing(settings -> -settings.host().length())
            .thenComparing(RouteSettings::pathMatch)
            .thenComparing(settings -> -settings.path().length())
            .thenComparing(RouteSettings::path)
            .thenComparing(RouteSettings::host)
            .thenComparing(settings -> settings.rules().methods().isEmpty());

    private final Route[] routes;

    public RouteTable(List<RouteSettings> settings) {
        List<RouteSettings> sorted =
                settings.stream().sorted(MOST_SPECIFIC_FIRST).toList();
        routes = new Route[sorted.size()];
        for (int i = 0; i < routes.length; i++) {
            routes[i] = new Route(i, sorted.get(i));
        }
    }

    /** Whether the scheme of a request makes a difference. */
    public boolean dependsOnScheme() {
        return routes.length > 0 && !routes[0].rules().scheme().isEmpty();
    }

    /** Whether the host of a request makes a difference. */
    public boolean dependsOnHost() {
        return Arrays.stream(routes).anyMatch(route -> !route.settings().host().isEmpty());
    }

    public List<Route> routes() {
        return List.of(routes);
    }

    /**
     * Finds the route of a request; null when none matches.
     *
     * @param scheme {@code http} or {@code https}
     * @param host without port
     * @param path in normal form
     */
    public @Nullable Route match(String method, String scheme, String host, String path) {
        for (int i = 0; i < routes.length; i++) {
            Route route = routes[i];
            if (route.matches(scheme, host, path)) {
                return route.admits(method) ? route : atSamePlace(i, method);
            }
        }
        return null;
    }

    private @Nullable Route atSamePlace(int first, String method) {
        for (int i = first + 1; i < routes.length && routes[i].isAtSamePlace(routes[first]); i++) {
            if (routes[i].admits(method)) {
                return routes[i];
            }
        }
        return null;
    }

    /** The methods that could have matched where none did, as an {@code Allow} field lists them; null when the path is unknown too. */
    public @Nullable String allowedMethods(String scheme, String host, String path) {
        Route first = null;
        Set<String> methods = new LinkedHashSet<>();
        for (Route route : routes) {
            if (first == null ? route.matches(scheme, host, path) : route.isAtSamePlace(first)) {
                first = first == null ? route : first;
                methods.addAll(route.rules().methods());
            }
        }
        return first == null ? null : String.join(", ", methods);
    }

    private static int hostRank(RouteSettings settings) {
        if (settings.host().isEmpty()) {
            return 2;
        }
        return settings.host().startsWith("*.") ? 1 : 0;
    }
}
