package io.sluice.benchmarks.balance;

import io.sluice.journal.JournalSettings;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.balance.BalanceSettings;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.JournalPoolStore;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Assigns a request and ends it, on two threads that do nothing else: far more contention than event loops ever make. Meanwhile one backend
 * is held and released {@value #CHANGES_PER_SECOND} times a second through the journal, and another one's health flips as often.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(2)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AssignmentBenchmark {
    private static final int CHANGES_PER_SECOND = 100;
    private static final String POOL = "p";
    private static final Tried NOBODY = new Tried();

    @Param({"5", "10000"})
    public int backends;

    @Param({"LEAST_CONNECTIONS", "ROUND_ROBIN", "RANDOM_TWO_CHOICES", "CONSISTENT_HASH"})
    public Algorithm algorithm;

    private Pools pools;
    private BalancedPool balanced;
    private ScheduledExecutorService changer;
    private final AtomicLong changes = new AtomicLong();

    /** What an event loop has of its own. */
    @State(Scope.Thread)
    public static class Loop {
        private final Lease lease = new Lease();
        private long key = System.identityHashCode(this);

        long nextKey() {
            key = key * 6364136223846793005L + 1442695040888963407L;
            return key | 1;
        }
    }

    @Setup(Level.Trial)
    public void open() throws IOException {
        Path folder = Files.createTempDirectory("assignment");
        List<BackendSettings> members = new ArrayList<>();
        for (int i = 0; i < backends; i++) {
            members.add(new BackendSettings("b" + i, "127.0.0.1:" + (1 + i), null, 1));
        }
        pools = Pools.open(
                List.of(PoolSettings.of(POOL, members)),
                JournalPoolStore.open(folder, new JournalSettings(8L << 20, 16 << 20, 1L << 30, 32L << 20)),
                Clock.systemUTC(),
                "benchmark");
        BackendPool pool = pools.pool(POOL).orElseThrow();
        HashKey key = algorithm == Algorithm.CONSISTENT_HASH ? new HashKey(HashKey.Kind.CLIENT_IP, "") : HashKey.NONE;
        balanced = new BalancedPool(pool, new BalanceSettings(algorithm, key).balancer(), key, null);
        changer = Executors.newSingleThreadScheduledExecutor();
        changer.scheduleWithFixedDelay(this::change, 0, 1_000_000 / CHANGES_PER_SECOND, TimeUnit.MICROSECONDS);
    }

    private void change() {
        boolean hold = changes.getAndIncrement() % 2 == 0;
        PoolChange change = hold
                ? new PoolChange.PutHold("b1", "benchmark", "because", null)
                : new PoolChange.RemoveHold("b1", "benchmark");
        pools.change(new ChangeRequest(POOL, List.of(change), Precondition.NONE, "benchmark", "because", null))
                .join();
        BackendPool pool = balanced.pool();
        if (hold) {
            pool.eject(
                    pool.snapshot().backend("b2").orElseThrow(),
                    Clock.systemUTC().instant(),
                    "benchmark");
        } else {
            pool.readmit(pool.snapshot().backend("b2").orElseThrow());
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        changer.shutdown();
        System.out.println("changes made: " + changes.get());
        pools.close();
    }

    /** The lease is a part of what the caller has anyway. */
    @Benchmark
    public Lease acquireAndRelease(Loop loop) {
        if (balanced.acquire(NOBODY, loop.nextKey(), null, loop.lease)) {
            loop.lease.close();
        }
        return loop.lease;
    }
}
