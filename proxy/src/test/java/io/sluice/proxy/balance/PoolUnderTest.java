package io.sluice.proxy.balance;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolLimits;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.pool.ProbeReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One pool of {@code b0 … bn}, chosen from by the balancer under test. */
final class PoolUnderTest implements AutoCloseable {
    final Pools pools;
    final BackendPool pool;
    final BalancedPool balanced;

    PoolUnderTest(LoadBalancer balancer, List<BackendSettings> backends, PoolLimits limits) {
        PoolSettings settings = new PoolSettings("p", backends, 1, Duration.ofSeconds(1), true, false, limits);
        this.pools = Pools.open(List.of(settings), new MemoryPoolStore(), Clock.systemUTC(), "boot");
        this.pool = pools.pool("p").orElseThrow();
        this.balanced = new BalancedPool(pool, balancer);
    }

    static PoolUnderTest of(LoadBalancer balancer, int... weights) {
        return new PoolUnderTest(balancer, weighted(weights), PoolLimits.NONE);
    }

    static List<BackendSettings> weighted(int... weights) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            backends.add(new BackendSettings("b" + i, "127.0.0.1:" + (1 + i), null, weights[i]));
        }
        return backends;
    }

    static List<BackendSettings> equal(int count) {
        return weighted(IntStream.generate(() -> 1).limit(count).toArray());
    }

    static BackendSettings backup(String id) {
        return new BackendSettings(id, "127.0.0.1:9999", null, 1, true, null);
    }

    Backend backend(String id) {
        return pool.snapshot().backend(id).orElseThrow();
    }

    Lease acquire() {
        return Objects.requireNonNull(balanced.acquire(new Tried()));
    }

    @Nullable
    String chosen(long key, Backend... tried) {
        Tried left = new Tried();
        List.of(tried).forEach(left::add);
        Lease lease = balanced.acquire(left, key);
        if (lease == null) {
            return null;
        }
        lease.close();
        return lease.backend().id();
    }

    /** How often each was chosen for requests that end at once. */
    Map<String, Integer> choices(int count) {
        Map<String, Integer> choices = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            choices.merge(String.valueOf(chosen(0)), 1, Integer::sum);
        }
        return choices;
    }

    void health(String id, Health health) {
        Backend backend = backend(id);
        pool.report(backend, new ProbeReport(health == Health.UP, health, null, null, "test"), backend.doubts());
    }

    void eject(String id) {
        pool.eject(backend(id), Instant.EPOCH, "test");
    }

    void change(PoolChange... changes) {
        try {
            pools.change(new ChangeRequest("p", List.of(changes), Precondition.NONE, "test", "test", null))
                    .get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    void hold(String id) {
        change(new PoolChange.PutHold(id, "test", "because", null));
    }

    void holdIfTheFloorAllows(String id) {
        if (pool.snapshot().inService() > 1) {
            hold(id);
        }
    }

    void release(String id) {
        change(new PoolChange.RemoveHold(id, "test"));
    }

    @Override
    public void close() {
        pools.close();
    }
}
