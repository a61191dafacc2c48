package io.sluice.benchmarks.balance;

import io.sluice.journal.JournalSettings;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.balance.BalanceSettings;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.JournalPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** A pool that a thread of its own holds one backend in and releases it, while another one is ejected and readmitted; or one at rest. */
final class ChangingPool {
    private static final String NAME = "p";
    private static final JournalSettings JOURNAL = new JournalSettings(8L << 20, 16 << 20, 1L << 30, 32L << 20);

    private final Pools pools;
    private final BackendPool pool;
    private final BalancedPool balanced;
    private final int changeEvery;
    private final Thread changer = new Thread(this::changeUntilInterrupted, "changer");
    private final AtomicLong changes = new AtomicLong();

    ChangingPool(Path folder, int size, Algorithm algorithm, int changeEvery) {
        this.changeEvery = changeEvery;
        List<BackendSettings> backends = IntStream.range(0, size)
                .mapToObj(i -> new BackendSettings("b" + i, "127.0.0.1:" + (1 + i), null, 1))
                .toList();
        HashKey key = algorithm == Algorithm.CONSISTENT_HASH ? new HashKey(HashKey.Kind.CLIENT_IP, "") : HashKey.NONE;
        pools = Pools.open(
                List.of(PoolSettings.of(NAME, backends)),
                JournalPoolStore.open(folder, JOURNAL),
                Clock.systemUTC(),
                "benchmark");
        pool = pools.pool(NAME).orElseThrow();
        balanced = new BalancedPool(pool, new BalanceSettings(algorithm, key).balancer(), key, null);
        if (changeEvery > 0) {
            changer.start();
        }
    }

    BalancedPool balanced() {
        return balanced;
    }

    private void changeUntilInterrupted() {
        Backend ejected = pool.snapshot().backend("b2").orElseThrow();
        try {
            while (true) {
                change(new PoolChange.PutHold("b1", "benchmark", "because", null));
                pool.eject(ejected, Clock.systemUTC().instant(), "benchmark");
                change(new PoolChange.RemoveHold("b1", "benchmark"));
                pool.readmit(ejected);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private void change(PoolChange change) throws InterruptedException {
        apply(change);
        TimeUnit.MILLISECONDS.sleep(changeEvery);
    }

    private void apply(PoolChange change) {
        pools.change(new ChangeRequest(NAME, List.of(change), Precondition.NONE, "benchmark", "because", null))
                .join();
        changes.incrementAndGet();
    }

    /** One change, to be made by the caller of a pool that is otherwise at rest. */
    void holdOrRelease() {
        boolean hold = changes.get() % 2 == 0;
        apply(
                hold
                        ? new PoolChange.PutHold("b1", "benchmark", "because", null)
                        : new PoolChange.RemoveHold("b1", "benchmark"));
    }

    /** How many changes were made. */
    long changes() {
        return changes.get();
    }

    public void close() throws InterruptedException {
        changer.interrupt();
        changer.join();
        pools.close();
    }
}
