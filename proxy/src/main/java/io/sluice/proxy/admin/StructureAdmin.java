package io.sluice.proxy.admin;

import io.sluice.proxy.api.PoolList;
import io.sluice.proxy.api.PoolSettingsView;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.proxy.api.RouteExplanation;
import io.sluice.proxy.api.RouteList;
import io.sluice.proxy.api.RouteView;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.ChangeRefusedException.Detail;
import io.sluice.proxy.pool.Document;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.pool.RoutesState;
import io.sluice.proxy.pool.StructureChange;
import io.sluice.proxy.pool.StructureRequest;
import io.sluice.proxy.pool.StructureResult;
import io.sluice.proxy.route.PathNormalizer;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.problem.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The endpoints that say, and change, which routes and pools there are. */
public final class StructureAdmin {
    private static final String ROUTE = "/v1/routes/:route";
    private static final String POOL = "/v1/pools/:pool";

    private final Vertx vertx;
    private final Pools pools;
    private final Supplier<RouteTable> table;
    private final String bootId;
    private final PoolViews views;

    /**
     * @param table the routes as they are in force
     * @param bootId names this process in every answer
     */
    public StructureAdmin(Vertx vertx, Pools pools, Supplier<RouteTable> table, PoolSources sources, String bootId) {
        this.vertx = vertx;
        this.pools = pools;
        this.table = table;
        this.bootId = bootId;
        this.views = new PoolViews(bootId, sources);
    }

    /** Adds the endpoints. */
    public void install(AdminServer server) {
        Router router = server.router();
        router.get(ProxyPaths.ROUTES).handler(ctx -> sendRoutes(ctx, pools.routes()));
        router.put(ProxyPaths.ROUTES).handler(this::replaceRoutes);
        router.get(ROUTE).handler(this::getRoute);
        router.put(ROUTE).handler(this::putRoute);
        router.delete(ROUTE).handler(this::deleteRoute);
        router.get(ProxyPaths.ROUTING_JOURNAL)
                .handler(ctx -> JsonExchange.send(ctx, 200, pools.routeJournal(QueryParameters.limit(ctx))));
        router.get(ProxyPaths.ROUTING_EXPLAIN).handler(this::explain);
        router.get(POOL + "/settings").handler(this::getSettings);
        router.put(POOL).handler(this::putPool);
        router.delete(POOL).handler(this::deletePool);
    }

    private void getRoute(RoutingContext ctx) {
        sendRoute(ctx, 200, pools.routes());
    }

    private void replaceRoutes(RoutingContext ctx) {
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        Precondition precondition = headers.required();
        change(ctx, DocumentBody.routes(ctx), headers, precondition)
                .onSuccess(ProxyAdmin.answering(ctx, result -> sendRoutes(ctx, result.routes())));
    }

    private void putRoute(RoutingContext ctx) {
        String name = ctx.pathParam("route");
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        StructureChange put = new StructureChange.PutRoute(name, DocumentBody.route(ctx, name));
        change(ctx, put, headers, headers.forPut())
                .onSuccess(ProxyAdmin.answering(
                        ctx, result -> sendRoute(ctx, result.created() ? 201 : 200, result.routes())));
    }

    private void deleteRoute(RoutingContext ctx) {
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        change(ctx, new StructureChange.RemoveRoute(ctx.pathParam("route")), headers, headers.optional())
                .onSuccess(ProxyAdmin.answering(ctx, result -> sendRoutes(ctx, result.routes())));
    }

    private void getSettings(RoutingContext ctx) {
        BackendPool pool = pool(ctx);
        Document document = pools.document(pool);
        long revision = pool.snapshot().revision();
        ctx.response().putHeader(HttpHeaders.ETAG, ProxyAdmin.etag(revision));
        JsonExchange.send(
                ctx, 200, new PoolSettingsView(pool.name(), revision, bootId, document.origin(), document.settings()));
    }

    private void putPool(RoutingContext ctx) {
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        StructureChange put = new StructureChange.PutPool(ctx.pathParam("pool"), DocumentBody.of(ctx));
        change(ctx, put, headers, headers.forPut())
                .onSuccess(ProxyAdmin.answering(ctx, result -> sendPool(ctx, result.created() ? 201 : 200)));
    }

    private void sendPool(RoutingContext ctx, int status) {
        BackendPool pool = pool(ctx);
        ctx.response()
                .putHeader(HttpHeaders.ETAG, ProxyAdmin.etag(pool.snapshot().revision()));
        JsonExchange.send(ctx, status, views.pool(pool.snapshot()));
    }

    private void deletePool(RoutingContext ctx) {
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        StructureChange removal =
                new StructureChange.RemovePool(ctx.pathParam("pool"), QueryParameters.flag(ctx, "force"));
        change(ctx, removal, headers, headers.optional())
                .onSuccess(ProxyAdmin.answering(
                        ctx,
                        result -> JsonExchange.send(
                                ctx,
                                200,
                                new PoolList(
                                        bootId,
                                        pools.all().stream()
                                                .map(pool -> views.pool(pool.snapshot()))
                                                .toList()))));
    }

    private BackendPool pool(RoutingContext ctx) {
        String name = ctx.pathParam("pool");
        return pools.pool(name)
                .orElseThrow(() -> Problem.notFound("there is no pool " + name).asException());
    }

    /** Fails the request itself when the change is refused. */
    private Future<StructureResult> change(
            RoutingContext ctx, StructureChange change, ChangeHeaders headers, Precondition precondition) {
        StructureRequest request = new StructureRequest(
                change, precondition, headers.author(), QueryParameters.reason(ctx), headers.epoch(), false);
        boolean single = change instanceof StructureChange.PutRoute;
        return Future.fromCompletionStage(pools.change(request), vertx.getOrCreateContext())
                .onFailure(failure -> ctx.fail(
                        ProxyAdmin.problem(single ? intoTheRoute(failure) : failure, headers, precondition, false)));
    }

    /** The body is one route, not a list of them. */
    private static Throwable intoTheRoute(Throwable failure) {
        if (!(failure instanceof ChangeRefusedException refused)) {
            return failure;
        }
        List<Detail> details = refused.details().stream()
                .map(detail -> new Detail(detail.pointer().replaceFirst("^/routes/[0-9]+", ""), detail.text()))
                .toList();
        return new ChangeRefusedException(refused.refusal(), details);
    }

    private void sendRoutes(RoutingContext ctx, RoutesState routes) {
        ctx.response().putHeader(HttpHeaders.ETAG, ProxyAdmin.etag(routes.revision()));
        List<RouteView> views = routes.routes().stream()
                .map(route -> new RouteView(route.origin(), route.settings()))
                .toList();
        JsonExchange.send(ctx, 200, new RouteList(bootId, routes.revision(), routes.rateLimits(), views));
    }

    private void sendRoute(RoutingContext ctx, int status, RoutesState routes) {
        String name = ctx.pathParam("route");
        Document route = routes.route(name)
                .orElseThrow(() -> Problem.notFound("there is no route " + name).asException());
        ctx.response().putHeader(HttpHeaders.ETAG, ProxyAdmin.etag(routes.revision()));
        JsonExchange.send(ctx, status, new RouteView(route.origin(), route.settings()));
    }

    private void explain(RoutingContext ctx) {
        String path = PathNormalizer.normalize(QueryParameters.text(ctx, "path"));
        if (path == null) {
            throw QueryParameters.invalid(
                    "query path: " + QueryParameters.text(ctx, "path") + " (expected: a path that begins with /)");
        }
        String method = Objects.requireNonNullElse(ctx.request().getParam("method"), "GET");
        String scheme = Objects.requireNonNullElse(ctx.request().getParam("scheme"), "http");
        String host = QueryParameters.text(ctx, "host").toLowerCase(Locale.ROOT);
        RouteTable now = table.get();
        Route found = now.match(method, scheme, host, path);
        List<RouteExplanation.Candidate> candidates = now.routes().stream()
                .map(route -> explain(route, found, route.against(method, scheme, host, path)))
                .toList();
        long revision = pools.routes().revision();
        JsonExchange.send(
                ctx, 200, new RouteExplanation(bootId, revision, found == null ? null : found.name(), candidates));
    }

    private static RouteExplanation.Candidate explain(Route route, @Nullable Route found, String against) {
        if (route == found) {
            return new RouteExplanation.Candidate(route.name(), true, "takes it");
        }
        String why = against.isEmpty() ? "would take it, but one before it does" : against;
        return new RouteExplanation.Candidate(route.name(), false, why);
    }
}
