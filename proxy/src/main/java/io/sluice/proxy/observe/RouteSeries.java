package io.sluice.proxy.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The series of the routes of one table. Immutable; the next table takes over those of the routes that stay. */
final class RouteSeries {
    static final RouteSeries NONE = new RouteSeries(List.of(), Map.of());

    private final Route[] routes;
    private final RouteMeters[] byIndex;
    private final Map<String, RouteMeters> byName;

    private RouteSeries(List<Route> routes, Map<String, RouteMeters> byName) {
        this.routes = routes.toArray(Route[]::new);
        this.byName = byName;
        this.byIndex = routes.stream().map(route -> byName.get(route.name())).toArray(RouteMeters[]::new);
    }

    /** Those of another table; the series of routes that it does not have disappear. */
    RouteSeries of(RouteTable table, MeterRegistry registry, SeriesBudget budget) {
        Map<String, RouteMeters> left = new HashMap<>(byName);
        Map<String, RouteMeters> next = new HashMap<>();
        for (Route route : table.routes()) {
            RouteMeters known = left.get(route.name());
            if (known != null && known.isOf(route)) {
                left.remove(route.name());
                next.put(route.name(), known);
            }
        }
        left.values().forEach(RouteMeters::remove);
        for (Route route : table.routes()) {
            next.computeIfAbsent(route.name(), name -> new RouteMeters(registry, budget, route));
        }
        return new RouteSeries(table.routes(), next);
    }

    /** Null when the route is gone. A route of an earlier table counts for the one that has its name now. */
    @Nullable
    RouteMeters of(Route route) {
        int index = route.index();
        return index < routes.length && routes[index] == route ? byIndex[index] : byName.get(route.name());
    }
}
