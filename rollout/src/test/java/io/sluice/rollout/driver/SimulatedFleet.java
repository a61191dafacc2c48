package io.sluice.rollout.driver;

import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthReport;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.driver.SimulatedTime.Life;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A proxy with one pool, its instances, and a stream of requests over them. A call that was sent has its effect even when its sender dies
 * meanwhile; with {@link #loseAnswers} some have it without an answer. Whatever must never happen is noted in {@link #violations()}.
 */
final class SimulatedFleet {
    static final String POOL = "webhooks";

    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(30);

    private final SimulatedTime time;
    private final Random random;
    private final Map<String, SimulatedBackend> backends = new LinkedHashMap<>();
    private final List<String> violations = new ArrayList<>();
    private List<String> accepted = List.of();
    private long revision = 1;
    private long epoch;
    private long drains;
    private @Nullable Integer minInService;
    private int leastInService = Integer.MAX_VALUE;
    private double lossRate;
    private boolean proxyAway;
    private Duration requestInterval = Duration.ofMillis(1);
    private Duration longestRequest = Duration.ofMillis(20);
    private int calls;

    SimulatedFleet(SimulatedTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    SimulatedInstance add(SimulatedInstance instance, String id) {
        backends.put(id, new SimulatedBackend(id, instance));
        return instance;
    }

    void remove(String id) {
        backends.remove(id);
    }

    /** Requests begin to come, and the proxy begins to probe. */
    void open() {
        sendRequest();
        probeAll();
    }

    void longestRequest(Duration duration) {
        longestRequest = duration;
    }

    /** From now on requests come this rarely, so that long times are soon simulated. */
    void requestInterval(Duration interval) {
        requestInterval = interval;
    }

    void minInService(int count) {
        minInService = count;
    }

    /** From now on, this part of all calls has its effect but no answer. */
    void loseAnswers(double rate) {
        lossRate = rate;
    }

    void proxyAway(boolean away) {
        proxyAway = away;
    }

    /** How often the engine has asked for anything. */
    int calls() {
        return calls;
    }

    SimulatedBackend backend(String id) {
        return Objects.requireNonNull(backends.get(id), id);
    }

    List<SimulatedBackend> backends() {
        return List.copyOf(backends.values());
    }

    List<String> accepted() {
        return accepted;
    }

    void accept(List<String> hashes) {
        accepted = hashes;
    }

    List<String> violations() {
        return violations;
    }

    /** The fewest that were ever in service together. */
    int leastInService() {
        return leastInService;
    }

    void hold(String id, String name) {
        SimulatedBackend backend = backend(id);
        backend.holds.put(name, new HoldView(name, "test", "test", time.instant(), ++revision));
    }

    int inService() {
        return (int)
                backends.values().stream().filter(b -> b.isEligible(accepted)).count();
    }

    private int floor() {
        return minInService == null ? Math.max(1, backends.size() - 1) : minInService;
    }

    private void sendRequest() {
        leastInService = Math.min(leastInService, inService());
        List<SimulatedBackend> eligible =
                backends.values().stream().filter(b -> b.isEligible(accepted)).toList();
        if (eligible.isEmpty()) {
            violations.add("no backend for a request at " + time.instant());
        } else {
            assign(eligible.get(random.nextInt(eligible.size())));
        }
        time.after(requestInterval.multipliedBy(1 + random.nextInt(3)), this::sendRequest);
    }

    private void assign(SimulatedBackend backend) {
        SimulatedInstance instance = backend.instance;
        if (!instance.isReachable()) {
            backend.probe();
            return;
        }
        if (instance.isDraining()) {
            violations.add(backend.id + " got a request while it was drained by " + instance.holders());
        }
        if (!accepted.isEmpty() && !accepted.contains(instance.hash())) {
            violations.add(backend.id + " got a request on a configuration that is not accepted");
        }
        backend.inFlight++;
        instance.begin();
        time.after(Duration.ofMillis(1 + random.nextLong(longestRequest.toMillis())), () -> {
            backend.inFlight--;
            backend.successes++;
            instance.end();
            backend.settleDrain(time.instant());
        });
    }

    private void probeAll() {
        backends.values().forEach(SimulatedBackend::probe);
        backends.values().forEach(b -> b.settleDrain(time.instant()));
        time.after(PROBE_INTERVAL, this::probeAll);
    }

    private PoolView view() {
        return new PoolView(
                POOL,
                revision,
                "boot-1",
                epoch,
                floor(),
                inService(),
                accepted,
                backends.values().stream().map(b -> b.view(accepted)).toList());
    }

    TrafficControl traffic(Life life) {
        return new TrafficControl() {
            @Override
            public Future<PoolView> pool(PoolRef pool) {
                return proxy(life, () -> view());
            }

            @Override
            public Future<PoolView> acceptConfiguration(PoolRef pool, List<String> hashes, String reason) {
                return proxy(life, () -> {
                    fence(pool.epoch());
                    List<String> before = accepted;
                    guardFloor(() -> accepted = List.copyOf(hashes), () -> accepted = before);
                    revision++;
                    return view();
                });
            }

            @Override
            public Future<DrainOperation> putHold(PoolRef pool, String backend, String name, HoldRequest request) {
                return proxy(life, () -> {
                    fence(pool.epoch());
                    return placeHold(known(backend), name, request);
                });
            }

            @Override
            public Future<DrainOperation> awaitOperation(String operation, Duration wait) {
                calls++;
                Promise<DrainOperation> done = Promise.promise();
                awaitDrain(life, operation, time.instant().plus(wait), done);
                return done.future();
            }

            @Override
            public Future<PoolView> removeHold(PoolRef pool, String backend, String name) {
                return proxy(life, () -> {
                    fence(pool.epoch());
                    SimulatedBackend held = backends.get(backend);
                    if (held != null && held.holds.remove(name) != null) {
                        revision++;
                        if (held.holds.isEmpty()) {
                            held.cancelDrain(time.instant());
                        }
                    }
                    return view();
                });
            }

            @Override
            public Future<ProbeResult> probe(PoolRef pool, String backend) {
                return proxy(life, () -> {
                    SimulatedBackend probed = known(backend);
                    boolean passed = probed.probe();
                    return new ProbeResult(passed, passed ? 200 : 503, 1, backend, probed.instance.hash(), null);
                });
            }
        };
    }

    InstanceControl instances(Life life) {
        return new InstanceControl() {
            @Override
            public Future<HealthReport> health(InstanceRef instance) {
                return at(life, instance, SimulatedInstance::health);
            }

            @Override
            public Future<ConfigVersion> version(InstanceRef instance) {
                return at(life, instance, SimulatedInstance::version);
            }

            @Override
            public Future<ConfigDocuments> documents(InstanceRef instance) {
                return at(life, instance, SimulatedInstance::documents);
            }

            @Override
            public Future<DrainStatus> drain(InstanceRef instance, DrainRequest request) {
                return at(life, instance, each -> each.drain(request));
            }

            @Override
            public Future<DrainStatus> drainStatus(InstanceRef instance) {
                return at(life, instance, SimulatedInstance::drainStatus);
            }

            @Override
            public Future<DrainStatus> awaitDrained(InstanceRef instance, Duration wait) {
                calls++;
                Promise<Void> over = Promise.promise();
                awaitEmpty(instance.backend(), time.instant().plus(wait), over);
                return over.future().compose(ended -> drainStatus(instance));
            }

            @Override
            public Future<DrainStatus> undrain(InstanceRef instance, DrainRequest request) {
                return at(life, instance, each -> each.undrain(request));
            }

            @Override
            public Future<ConfigUpdateResult> update(InstanceRef instance, ConfigUpdateRequest request) {
                return at(life, instance, each -> each.update(request));
            }
        };
    }

    private DrainOperation placeHold(SimulatedBackend backend, String name, HoldRequest request) {
        boolean first = backend.holds.isEmpty();
        if (!backend.holds.containsKey(name)) {
            HoldView hold = new HoldView(name, request.reason(), "engine", time.instant(), revision + 1);
            guardFloor(() -> backend.holds.put(name, hold), () -> backend.holds.remove(name));
            revision++;
        }
        DrainOperation running = backend.drain;
        if (!first && running != null && running.state() != DrainState.CANCELLED) {
            return running;
        }
        Duration limit = request.drainTimeout() == null ? DEFAULT_DRAIN : request.drainTimeout();
        Instant now = time.instant();
        DrainOperation started = new DrainOperation(
                "d-" + ++drains,
                POOL,
                backend.id,
                name,
                1,
                revision,
                DrainState.DRAINING,
                backend.inFlight,
                null,
                now,
                now.plus(limit),
                null,
                "boot-1");
        backend.drain = started;
        backend.settleDrain(now);
        time.after(limit, () -> backend.settleDrain(time.instant()));
        return Objects.requireNonNull(backend.drain);
    }

    private void guardFloor(Runnable change, Runnable undo) {
        int inServiceBefore = inService();
        change.run();
        int after = inService();
        if (after < inServiceBefore && after < floor()) {
            undo.run();
            throw new ControlException(Kind.FLOOR, "floor-would-break");
        }
        leastInService = Math.min(leastInService, after);
    }

    private void awaitDrain(Life life, String operation, Instant until, Promise<DrainOperation> done) {
        time.after(Duration.ofMillis(1), () -> {
            backends.values().forEach(b -> b.settleDrain(time.instant()));
            @Nullable
            DrainOperation found = backends.values().stream()
                    .map(b -> b.drain)
                    .filter(d -> d != null && d.id().equals(operation))
                    .findFirst()
                    .orElse(null);
            if (!life.isAlive()) {
                return;
            }
            if (found == null) {
                done.fail(new ControlException(Kind.NOT_FOUND, "no operation " + operation));
            } else if (found.state().isFinal() || !time.instant().isBefore(until)) {
                done.complete(found);
            } else {
                awaitDrain(life, operation, until, done);
            }
        });
    }

    private void awaitEmpty(String id, Instant until, Promise<Void> over) {
        SimulatedBackend backend = backends.get(id);
        if (backend == null || backend.instance.isEmpty() || !time.instant().isBefore(until)) {
            over.complete();
        } else {
            time.after(Duration.ofMillis(1), () -> awaitEmpty(id, until, over));
        }
    }

    private SimulatedBackend known(String id) {
        SimulatedBackend backend = backends.get(id);
        if (backend == null) {
            throw new ControlException(Kind.NOT_FOUND, "no backend " + id);
        }
        return backend;
    }

    private void fence(long callers) {
        if (callers < epoch) {
            throw new ControlException(Kind.STALE_EPOCH, "epoch " + epoch + " reigns");
        }
        epoch = callers;
    }

    private <T> Future<T> proxy(Life life, Supplier<T> effect) {
        return call(life, () -> {
            if (proxyAway) {
                throw new ControlException(Kind.UNREACHABLE, "the proxy does not answer");
            }
            return effect.get();
        });
    }

    private <T> Future<T> at(Life life, InstanceControl.InstanceRef instance, Function<SimulatedInstance, T> effect) {
        return call(life, () -> {
            SimulatedBackend backend = backends.get(instance.backend());
            if (backend == null || !backend.instance.isReachable()) {
                throw new ControlException(Kind.UNREACHABLE, instance.backend() + " does not answer");
            }
            return effect.apply(backend.instance);
        });
    }

    /** Takes effect after a while, and answers after another, to whoever is still there. */
    private <T> Future<T> call(Life life, Supplier<T> effect) {
        calls++;
        Promise<T> answer = Promise.promise();
        if (!life.isAlive()) {
            return answer.future();
        }
        boolean lost = random.nextDouble() < lossRate;
        time.after(latency(), () -> {
            @Nullable T result = null;
            @Nullable RuntimeException failure = null;
            try {
                result = effect.get();
            } catch (ControlException refused) {
                failure = refused;
            }
            T value = result;
            RuntimeException cause = lost ? new ControlException(Kind.UNKNOWN_OUTCOME, "no answer") : failure;
            time.after(lost ? Duration.ofMillis(200) : latency(), () -> {
                if (life.isAlive()) {
                    answer.complete(value, cause);
                }
            });
        });
        return answer.future();
    }

    private Duration latency() {
        return Duration.ofNanos(100_000 + random.nextInt(900_000));
    }
}
