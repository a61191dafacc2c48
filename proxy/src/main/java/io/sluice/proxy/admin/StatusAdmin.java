package io.sluice.proxy.admin;

import io.sluice.proxy.api.BackendChecks;
import io.sluice.proxy.api.CheckView;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.proxy.api.RouteSummary;
import io.sluice.proxy.api.StatusView;
import io.sluice.proxy.health.ProbeRecord;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.route.PathMatch;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTable;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.EventStream;
import io.sluice.service.admin.JsonExchange;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Everything at a glance: {@code /v1/status} for programs, and a page for people, {@code /status}, that shows what it says. */
public final class StatusAdmin {
    private final Pools pools;
    private final CheckHistory history;
    private final Supplier<RouteTable> routes;
    private final String bootId;
    private final Clock clock;
    private final PoolViews views;

    /** Tells the last checks of a backend. */
    public interface CheckHistory {
        /** Newest first. */
        List<ProbeRecord> of(BackendPool pool, Backend backend);
    }

    /** @param routes those that are in force */
    public StatusAdmin(
            Pools pools,
            CheckHistory history,
            Supplier<RouteTable> routes,
            PoolSources sources,
            String bootId,
            Clock clock) {
        this.pools = pools;
        this.history = history;
        this.routes = routes;
        this.bootId = bootId;
        this.clock = clock;
        this.views = new PoolViews(bootId, sources);
    }

    /** Adds the endpoint and the page. Whoever can reach the server may have the page: nothing is in it before a token was typed in. */
    public void install(AdminServer server, EventStream events) {
        server.router().get(ProxyPaths.STATUS).handler(ctx -> sendStatus(ctx, events));
        server.router().get(StatusPage.PATH).handler(new StatusPage());
        server.open(StatusPage.PATH);
    }

    private void sendStatus(RoutingContext ctx, EventStream events) {
        List<PoolSnapshot> snapshots =
                pools.all().stream().map(BackendPool::snapshot).toList();
        JsonExchange.send(
                ctx,
                200,
                new StatusView(
                        bootId,
                        clock.instant(),
                        events.resumableAfter(),
                        snapshots.stream().map(views::pool).toList(),
                        checks(),
                        routes.get().routes().stream().map(StatusAdmin::summary).toList()));
    }

    private List<BackendChecks> checks() {
        List<BackendChecks> all = new ArrayList<>();
        for (BackendPool pool : pools.all()) {
            for (Backend backend : pool.snapshot().backends()) {
                List<CheckView> checks = history.of(pool, backend).stream()
                        .map(StatusAdmin::check)
                        .toList();
                all.add(new BackendChecks(pool.name(), backend.id(), checks));
            }
        }
        return all;
    }

    private static CheckView check(ProbeRecord check) {
        ProbeResult result = check.result();
        return new CheckView(check.at(), result.passed(), result.status(), result.durationMillis(), result.error());
    }

    private static RouteSummary summary(Route route) {
        RouteSettings settings = route.settings();
        boolean exact = settings.pathMatch() == PathMatch.EXACT;
        return new RouteSummary(
                route.name(),
                settings.rules().scheme(),
                settings.host(),
                exact ? "= " + settings.path() : settings.path(),
                String.join(", ", settings.rules().methods()),
                route.pool(),
                settings.rules().fallback());
    }
}
