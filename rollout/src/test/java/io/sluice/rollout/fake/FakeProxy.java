package io.sluice.rollout.fake;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.PoolList;
import io.sluice.proxy.api.PoolPatch;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A proxy with one pool, {@code webhooks}; what its probes would learn it takes from the fake instances directly. */
public final class FakeProxy extends FakeServer {
    public static final String POOL = "webhooks";

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final List<FakeInstance> instances;
    private final Map<String, Map<String, HoldView>> holds = new LinkedHashMap<>();
    private final Map<String, DrainOperation> drains = new LinkedHashMap<>();
    private final Map<String, Promise<Reply>> polls = new LinkedHashMap<>();
    private List<String> accepted = List.of();
    private long revision = 1;
    private long epoch;
    private int floor;
    private int conflicts;
    private boolean slowDrains;

    public FakeProxy(Vertx vertx, List<FakeInstance> instances) {
        super(vertx);
        this.instances = List.copyOf(instances);
        floor = Math.max(1, instances.size() - 1);
        instances.forEach(instance -> holds.put(instance.id(), new TreeMap<>()));
    }

    /** The next changes of the pool meet somebody else's, made just before. */
    public synchronized void conflicts(int times) {
        conflicts = times;
    }

    public synchronized void floor(int count) {
        floor = count;
    }

    /** From now on drains end only with {@link #finishDrains()}. */
    public synchronized void slowDrains() {
        slowDrains = true;
    }

    public synchronized void finishDrains() {
        slowDrains = false;
        drains.replaceAll((id, drain) -> ended(drain));
        drains.forEach((id, drain) ->
                polls.computeIfAbsent(id, none -> Promise.promise()).tryComplete(Reply.of(200, drain)));
        polls.clear();
    }

    public synchronized void accept(List<String> hashes) {
        accepted = List.copyOf(hashes);
        revision++;
    }

    public synchronized List<String> accepted() {
        return accepted;
    }

    private Map<String, HoldView> holdsOn(String backend) {
        return holds.computeIfAbsent(backend, unknown -> new TreeMap<>());
    }

    public synchronized List<String> holdsOf(String backend) {
        return List.copyOf(holdsOn(backend).keySet());
    }

    public synchronized void hold(String backend, String name, String author) {
        holdsOn(backend).put(name, new HoldView(name, "", author, NOW, ++revision));
    }

    @Override
    Future<Reply> reply(Received request) throws IOException {
        long callersEpoch = Long.parseLong(request.headers().getOrDefault(ProxyHeaders.ROLLOUT_EPOCH, "0"));
        if (callersEpoch > 0 && callersEpoch < epoch) {
            return Future.succeededFuture(problem(412, "stale-epoch", "epoch " + epoch + " was seen"));
        }
        epoch = Math.max(epoch, callersEpoch);
        String[] path =
                URLDecoder.decode(request.path(), StandardCharsets.UTF_8).split("[/?]", -1);
        return switch (request.method()) {
            case "GET" ->
                request.path().startsWith("/v1/operations/")
                        ? operation(path[3], request.path().contains("wait="))
                        : now(path.length > 3 ? view(path[3]) : Reply.of(200, new PoolList("boot-1", List.of(pool()))));
            case "PATCH" -> now(patch(request));
            case "PUT" -> now(place(path[5], path[7]));
            case "DELETE" -> now(remove(path[5], path[7]));
            case "POST" -> now(probe(path[5]));
            default -> now(problem(404, "not-found", request.toString()));
        };
    }

    private static Future<Reply> now(Reply reply) {
        return Future.succeededFuture(reply);
    }

    private Reply view(String pool) {
        return pool.equals(POOL) ? Reply.of(200, pool()) : problem(404, "not-found", pool);
    }

    private Reply patch(Received request) throws IOException {
        if (conflicts > 0) {
            conflicts--;
            revision++;
        }
        if (!("\"" + revision + "\"").equals(request.headers().get("If-Match"))) {
            return problem(412, "revision-conflict", "the pool is at revision " + revision);
        }
        for (PoolChange change :
                Json.mapper().readValue(request.body(), PoolPatch.class).changes()) {
            if (change instanceof PoolChange.AcceptConfiguration accept) {
                accept(accept.hashes());
            }
        }
        return Reply.of(200, pool());
    }

    private Reply place(String backend, String hold) {
        Map<String, HoldView> on = holds.get(backend);
        if (on == null) {
            return problem(404, "not-found", backend);
        }
        long inService = holds.values().stream().filter(Map::isEmpty).count();
        if (on.isEmpty() && inService <= floor) {
            return problem(409, "floor-would-break", inService + " in service");
        }
        on.computeIfAbsent(hold, name -> new HoldView(name, "", "rollout", NOW, ++revision));
        DrainOperation drain = new DrainOperation(
                "d-" + backend,
                POOL,
                backend,
                hold,
                1,
                revision,
                DrainState.DRAINING,
                1,
                null,
                NOW,
                NOW.plusSeconds(30),
                null,
                "boot-1");
        drains.put(drain.id(), slowDrains ? drain : ended(drain));
        return new Reply(202, drains.get(drain.id()), Map.of("Location", "/v1/operations/" + drain.id()));
    }

    private static DrainOperation ended(DrainOperation drain) {
        return new DrainOperation(
                drain.id(),
                drain.pool(),
                drain.backend(),
                drain.hold(),
                drain.incarnation(),
                drain.revision(),
                DrainState.DRAINED,
                0,
                null,
                drain.startedAt(),
                drain.deadline(),
                NOW,
                drain.bootId());
    }

    private Reply remove(String backend, String hold) {
        Map<String, HoldView> on = holds.get(backend);
        if (on == null || on.remove(hold) == null) {
            return problem(404, "not-found", hold);
        }
        revision++;
        return Reply.of(200, pool());
    }

    private Future<Reply> operation(String id, boolean wait) {
        DrainOperation drain = drains.get(id);
        if (drain == null) {
            return now(problem(404, "not-found", id));
        }
        if (drain.state().isFinal() || !wait) {
            return now(Reply.of(200, drain));
        }
        return polls.computeIfAbsent(id, unused -> Promise.promise()).future();
    }

    private Reply probe(String backend) {
        FakeInstance instance = instances.stream()
                .filter(one -> one.id().equals(backend))
                .findFirst()
                .orElseThrow();
        boolean passed = !instance.isDraining();
        return Reply.of(200, new ProbeResult(passed, passed ? 200 : 503, 1, backend, instance.hash(), null));
    }

    private PoolView pool() {
        List<BackendView> backends = new ArrayList<>();
        instances.forEach(instance -> backends.add(backend(instance)));
        int inService = (int) backends.stream().filter(BackendView::eligible).count();
        return new PoolView(POOL, revision, "boot-1", epoch, floor, inService, accepted, backends);
    }

    private BackendView backend(FakeInstance instance) {
        List<HoldView> on = List.copyOf(holdsOn(instance.id()).values());
        boolean admitted = accepted.isEmpty() || accepted.contains(instance.hash());
        List<String> because = new ArrayList<>();
        on.forEach(hold -> because.add("held: " + hold.name()));
        if (!admitted) {
            because.add("configuration not accepted");
        }
        if (!instance.isUp()) {
            because.add("down");
        }
        return new BackendView(
                instance.id(),
                instance.url().substring("http://".length()),
                instance.url(),
                1,
                1,
                because.isEmpty(),
                because,
                0,
                on,
                instance.isUp() ? Health.UP : Health.DOWN,
                null,
                instance.hash(),
                instance.id(),
                0,
                0,
                0);
    }
}
