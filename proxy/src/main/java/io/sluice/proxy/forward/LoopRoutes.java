package io.sluice.proxy.forward;

import io.sluice.proxy.route.CorsSettings;
import io.sluice.proxy.route.FileSettings;
import io.sluice.proxy.route.OwnAnswer;
import io.sluice.proxy.route.RedirectSettings;
import io.sluice.proxy.route.RespondSettings;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import org.jspecify.annotations.Nullable;

/** The routes as one event loop uses them: each with what its requests go through there. */
final class LoopRoutes {
    private final Routing routing;
    private final RouteTable table;
    private final boolean dependsOnScheme;
    private final boolean dependsOnHost;
    private final boolean speaksCors;
    private final RoutePipeline[] pipelines;

    LoopRoutes(Forwarder loop, Routing routing) {
        this.routing = routing;
        this.table = routing.table();
        this.dependsOnScheme = table.dependsOnScheme();
        this.dependsOnHost = table.dependsOnHost();
        this.speaksCors = table.routes().stream()
                .anyMatch(route -> route.rules().browsers().cors() != null);
        this.pipelines = table.routes().stream()
                .map(route -> new RoutePipeline(loop, route, responder(loop, route, routing), routing.limiters()))
                .toArray(RoutePipeline[]::new);
    }

    private static Responder responder(Forwarder loop, Route route, Routing routing) {
        OwnAnswer answer = route.rules().answer();
        if (answer instanceof RedirectSettings redirect) {
            return new RedirectResponder(loop, route, redirect);
        }
        if (answer instanceof RespondSettings fixed) {
            return new FixedResponder(loop, route, fixed);
        }
        if (answer instanceof FileSettings files) {
            return new FileResponder(loop, route, files);
        }
        return new PoolResponder(
                loop,
                route,
                routing.targets().get(route.pool()),
                routing.targets().get(route.rules().fallback()));
    }

    @SuppressWarnings("ReferenceEquality") // asked for every request, and a change makes another one
    boolean isOf(Routing other) {
        return routing == other;
    }

    RouteTable table() {
        return table;
    }

    boolean dependsOnScheme() {
        return dependsOnScheme;
    }

    /** Null when none matches. */
    @Nullable
    Route match(RequestHead head, String scheme) {
        return match(head.method(), head, scheme);
    }

    private @Nullable Route match(String method, RequestHead head, String scheme) {
        return table.match(method, scheme, dependsOnHost ? head.hostName() : "", head.path());
    }

    /** Answers a question of CORS about a route that has the proxy do so; returns whether it was one. */
    boolean answersCors(Forwarder loop, RequestHead head, String scheme, Downstream downstream) {
        String asked = speaksCors ? Cors.methodAskedFor(head) : null;
        Route route = asked == null ? null : match(asked, head, scheme);
        CorsSettings cors = route == null ? null : route.rules().browsers().cors();
        if (route == null || cors == null) {
            return false;
        }
        Cors.answer(loop, head, downstream, route, cors);
        return true;
    }

    RoutePipeline pipeline(Route route) {
        return pipelines[route.index()];
    }
}
