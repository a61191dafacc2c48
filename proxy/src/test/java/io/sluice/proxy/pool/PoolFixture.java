package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One pool of {@code b1 … bn} over a memory store, to be changed, restarted and looked at. */
final class PoolFixture implements AutoCloseable {
    static final String POOL = "webhooks";
    private static final long DEADLINE_SECONDS = 20;

    final MemoryPoolStore store = new MemoryPoolStore();
    final TestClock clock = new TestClock();
    PoolSettings settings;
    Pools pools;

    PoolFixture(int backends) {
        this(PoolSettings.of(POOL, backends(backends)));
    }

    PoolFixture(PoolSettings settings) {
        this.settings = settings;
        this.pools = Pools.open(List.of(settings), store, clock, "boot-1");
    }

    static List<BackendSettings> backends(int count) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            backends.add(new BackendSettings("b" + i, "127.0.0.1:" + (8000 + i), null, 1));
        }
        return backends;
    }

    void restart() {
        pools.close();
        pools = Pools.open(List.of(settings), store, clock, "boot-2");
    }

    BackendPool pool() {
        return pools.pool(POOL).orElseThrow();
    }

    PoolSnapshot now() {
        return pool().snapshot();
    }

    Backend backend(String id) {
        return now().backend(id).orElseThrow();
    }

    ChangeResult change(PoolChange... changes) {
        return change("ana", null, Precondition.NONE, changes);
    }

    ChangeResult change(String author, @Nullable Long epoch, Precondition precondition, PoolChange... changes) {
        return settle(pools.change(new ChangeRequest(POOL, List.of(changes), precondition, author, "test", epoch)));
    }

    ChangeRefusedException refused(PoolChange... changes) {
        return refused("ana", null, Precondition.NONE, changes);
    }

    ChangeRefusedException refused(
            String author, @Nullable Long epoch, Precondition precondition, PoolChange... changes) {
        PoolSnapshot before = now();
        try {
            change(author, epoch, precondition, changes);
        } catch (ChangeRefusedException e) {
            assertThat(now()).as("a refused change changes nothing").isSameAs(before);
            return e;
        }
        throw new AssertionError("accepted: " + List.of(changes));
    }

    DrainOperation hold(String backend, String name) {
        return change(new PoolChange.PutHold(backend, name, "why", Duration.ofSeconds(30)))
                .drains()
                .get(0);
    }

    void release(String backend, String name) {
        change(new PoolChange.RemoveHold(backend, name));
    }

    DrainOperation awaitEnd(DrainOperation drain) {
        settle(pools.drainEnded(drain.id()));
        return pools.drain(drain.id()).orElseThrow();
    }

    void up(String id) {
        report(id, new ProbeReport(true, Health.UP, null, null, "200"));
    }

    void probed(String id, String hash) {
        report(id, new ProbeReport(true, Health.UP, hash, id, "200"));
    }

    void down(String id) {
        report(id, new ProbeReport(false, Health.DOWN, null, null, "refused"));
    }

    private void report(String id, ProbeReport probe) {
        Backend backend = backend(id);
        pool().report(backend, probe, backend.doubts());
    }

    static <T> T settle(CompletableFuture<T> future) {
        try {
            return future.orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ChangeRefusedException refused) {
                throw refused;
            }
            if (e.getCause() instanceof TimeoutException) {
                throw new AssertionError("nothing happened within " + DEADLINE_SECONDS + " s", e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        pools.close();
    }
}
