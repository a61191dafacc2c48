package io.sluice.proxy.admin;

import io.sluice.proxy.api.BackendRequest;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.PoolList;
import io.sluice.proxy.api.PoolPatch;
import io.sluice.proxy.api.ProbeRequest;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.ChangeResult;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.pool.Refusal;
import io.sluice.proxy.pool.StructureListener;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.EventStream;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The endpoints of {@code openapi.yaml}. */
public final class ProxyAdmin {
    /** Below the admin server's idle timeout. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(60);

    private static final Duration MAX_DRAIN = Duration.ofDays(1);
    /** At a few changes a second: minutes of absence. */
    private static final int REMEMBERED_EVENTS = 1_000;

    private static final String BACKEND = "/v1/pools/:pool/backends/:backend";

    private final Vertx vertx;
    private final Pools pools;
    private final Function<String, Optional<BalancedPool>> balanced;
    private final BackendProber prober;
    private final String bootId;
    private final PoolViews views;

    /**
     * @param balanced finds a pool with its balancer
     * @param sources of backends that come and go by themselves
     * @param bootId names this process in every answer
     */
    public ProxyAdmin(
            Vertx vertx,
            Pools pools,
            Function<String, Optional<BalancedPool>> balanced,
            BackendProber prober,
            PoolSources sources,
            String bootId) {
        this.vertx = vertx;
        this.pools = pools;
        this.balanced = balanced;
        this.prober = prober;
        this.bootId = bootId;
        this.views = new PoolViews(bootId, sources);
    }

    /**
     * Adds the endpoints and begins to publish events.
     *
     * @param firstEventId above every id that an earlier process of this proxy gave to an event
     * @return the stream of events
     */
    public EventStream install(AdminServer server, long firstEventId) {
        Router router = server.router();
        EventStream stream = server.eventStream(REMEMBERED_EVENTS);
        PoolEvents events = new PoolEvents(stream, views, firstEventId);
        pools.addListener((PoolChangeListener) events);
        pools.addListener((StructureListener) events);
        router.get(ProxyPaths.POOLS).handler(this::listPools);
        router.get("/v1/pools/:pool").handler(this::getPool);
        router.patch("/v1/pools/:pool").handler(this::patchPool);
        router.get("/v1/pools/:pool/journal").handler(this::getJournal);
        router.get("/v1/pools/:pool/explain").handler(this::explain);
        router.put(BACKEND).handler(this::putBackend);
        router.delete(BACKEND).handler(this::deleteBackend);
        router.put(BACKEND + "/holds/:hold").handler(this::putHold);
        router.delete(BACKEND + "/holds/:hold").handler(this::deleteHold);
        router.post(BACKEND + "/probes").handler(this::probe);
        router.get(ProxyPaths.OPERATIONS + "/:operation").handler(this::getOperation);
        router.get(ProxyPaths.EVENTS).handler(stream.handler());
        Buffer contract = contract();
        router.get("/openapi.yaml")
                .handler(ctx -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml")
                        .end(contract));
        server.open("/openapi.yaml");
        return stream;
    }

    private static Buffer contract() {
        try (InputStream yaml = ProxyAdmin.class.getResourceAsStream("openapi.yaml")) {
            return Buffer.buffer(
                    Objects.requireNonNull(yaml, "openapi.yaml is missing").readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listPools(RoutingContext ctx) {
        PoolList list = new PoolList(
                bootId,
                pools.all().stream().map(pool -> views.pool(pool.snapshot())).toList());
        JsonExchange.send(ctx, 200, list);
    }

    private void getPool(RoutingContext ctx) {
        sendPool(ctx, 200, balanced(ctx).pool().snapshot());
    }

    private void getJournal(RoutingContext ctx) {
        String pool = balanced(ctx).pool().name();
        JsonExchange.send(ctx, 200, pools.journal(pool, QueryParameters.limit(ctx)));
    }

    private void explain(RoutingContext ctx) {
        BalancedPool pool = balanced(ctx);
        JsonExchange.send(ctx, 200, views.explain(pool.pool().snapshot(), pool.balancer(), pool.describe()));
    }

    private void patchPool(RoutingContext ctx) {
        balanced(ctx);
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        Precondition precondition = headers.required();
        PoolPatch patch = JsonExchange.body(ctx, PoolPatch.class);
        change(ctx, headers, precondition, patch.changes(), patch.reason(), false)
                .onSuccess(answering(ctx, result -> sendPool(ctx, 200, result.snapshot())));
    }

    private void putBackend(RoutingContext ctx) {
        balanced(ctx);
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        BackendRequest wished = JsonExchange.body(ctx, BackendRequest.class);
        PoolChange put = new PoolChange.PutBackend(
                ctx.pathParam("backend"),
                wished.address(),
                wished.adminUrl(),
                wished.weight(),
                wished.backup(),
                wished.maxInFlight());
        change(ctx, headers, headers.forPut(), List.of(put), QueryParameters.reason(ctx), true)
                .onSuccess(answering(ctx, result -> sendPool(ctx, result.created() ? 201 : 200, result.snapshot())));
    }

    private void deleteBackend(RoutingContext ctx) {
        balanced(ctx);
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        Duration drain = JsonExchange.duration(ctx, "drain", MAX_DRAIN).orElse(null);
        PoolChange removal =
                new PoolChange.RemoveBackend(ctx.pathParam("backend"), QueryParameters.flag(ctx, "force"), drain);
        change(ctx, headers, headers.optional(), List.of(removal), QueryParameters.reason(ctx), true)
                .onSuccess(answering(ctx, result -> sendDrain(ctx, result)));
    }

    private void putHold(RoutingContext ctx) {
        balanced(ctx);
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        HoldRequest wished = JsonExchange.body(ctx, HoldRequest.class);
        PoolChange hold = new PoolChange.PutHold(
                ctx.pathParam("backend"), ctx.pathParam("hold"), wished.reason(), wished.drainTimeout());
        change(ctx, headers, headers.optional(), List.of(hold), wished.reason(), true)
                .onSuccess(answering(ctx, result -> sendDrain(ctx, result)));
    }

    private void deleteHold(RoutingContext ctx) {
        balanced(ctx);
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        PoolChange removal = new PoolChange.RemoveHold(ctx.pathParam("backend"), ctx.pathParam("hold"));
        change(ctx, headers, headers.optional(), List.of(removal), QueryParameters.reason(ctx), true)
                .onSuccess(answering(ctx, result -> sendPool(ctx, 200, result.snapshot())));
    }

    private void probe(RoutingContext ctx) {
        BalancedPool pool = balanced(ctx);
        Optional<String> path =
                JsonExchange.optionalBody(ctx, ProbeRequest.class).map(ProbeRequest::path);
        path.filter(each -> !each.startsWith("/")).ifPresent(each -> {
            throw Problem.invalidRequest(List.of(new ProblemError("/path", each + " (expected: an absolute path)")))
                    .asException();
        });
        Backend backend = pool.pool()
                .snapshot()
                .backend(ctx.pathParam("backend"))
                .orElseThrow(
                        () -> Problem.notFound(ctx.pathParam("backend") + " is not in pool " + ctx.pathParam("pool"))
                                .asException());
        Future<ProbeResult> result = prober.probe(pool.pool(), backend, path);
        result.onSuccess(probed -> JsonExchange.send(ctx, 200, probed)).onFailure(ctx::fail);
    }

    private void getOperation(RoutingContext ctx) {
        String id = ctx.pathParam("operation");
        Duration wait = JsonExchange.duration(ctx, "wait", MAX_WAIT).orElse(Duration.ZERO);
        DrainOperation now = drain(id);
        if (now.state().isFinal() || wait.isZero()) {
            JsonExchange.send(ctx, 200, now);
            return;
        }
        Promise<Void> over = Promise.promise();
        long timer = vertx.setTimer(wait.toMillis(), tick -> over.tryComplete());
        Future.fromCompletionStage(pools.drainEnded(id), vertx.getOrCreateContext())
                .onComplete(ended -> over.tryComplete());
        over.future().onComplete(ended -> {
            vertx.cancelTimer(timer);
            if (!ctx.response().closed()) {
                JsonExchange.send(ctx, 200, pools.drain(id).orElse(now));
            }
        });
    }

    private DrainOperation drain(String id) {
        return pools.drain(id)
                .orElseThrow(
                        () -> Problem.notFound("there is no operation " + id).asException());
    }

    /** Fails the request itself when the change is refused. */
    private Future<ChangeResult> change(
            RoutingContext ctx,
            ChangeHeaders headers,
            Precondition precondition,
            List<PoolChange> changes,
            String reason,
            boolean single) {
        ChangeRequest request = new ChangeRequest(
                ctx.pathParam("pool"), changes, precondition, headers.author(), reason, headers.epoch());
        return Future.fromCompletionStage(pools.change(request), vertx.getOrCreateContext())
                .onSuccess(result -> {
                    if (!result.durable()) {
                        ctx.response().putHeader(ProxyHeaders.DURABILITY, "volatile");
                    }
                })
                .onFailure(failure -> ctx.fail(problem(failure, headers, precondition, single)));
    }

    static Throwable problem(Throwable failure, ChangeHeaders headers, Precondition precondition, boolean single) {
        if (!(failure instanceof ChangeRefusedException refused)) {
            return failure;
        }
        boolean blind = refused.refusal() == Refusal.ALREADY_EXISTS
                && precondition.equals(Precondition.OVERWRITES_NOTHING)
                && !headers.conditional();
        return (blind ? ChangeHeaders.preconditionRequired() : RefusalProblems.problem(refused, single)).asException();
    }

    /** What is thrown here would otherwise leave the request without an answer. */
    static <T> Handler<T> answering(RoutingContext ctx, Handler<T> answer) {
        return result -> {
            try {
                answer.handle(result);
            } catch (RuntimeException e) {
                ctx.fail(e);
            }
        };
    }

    private void sendDrain(RoutingContext ctx, ChangeResult result) {
        DrainOperation drain = result.drains().get(0);
        ctx.response()
                .putHeader(HttpHeaders.LOCATION, ProxyPaths.operation(drain.id()))
                .putHeader(HttpHeaders.ETAG, etag(result.snapshot().revision()));
        JsonExchange.send(ctx, 202, drain);
    }

    private void sendPool(RoutingContext ctx, int status, PoolSnapshot pool) {
        ctx.response().putHeader(HttpHeaders.ETAG, etag(pool.revision()));
        JsonExchange.send(ctx, status, views.pool(pool));
    }

    static String etag(long revision) {
        return "\"" + revision + "\"";
    }

    private BalancedPool balanced(RoutingContext ctx) {
        String name = ctx.pathParam("pool");
        return balanced.apply(name)
                .orElseThrow(() -> Problem.notFound("there is no pool " + name).asException());
    }
}
