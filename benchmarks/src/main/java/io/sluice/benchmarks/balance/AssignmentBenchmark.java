package io.sluice.benchmarks.balance;

import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.pool.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * Assigns a request and ends it, on two threads that do nothing else: far more contention than event loops make. Meanwhile the
 * pool changes, through the journal.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(2)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AssignmentBenchmark {
    private static final Tried NOBODY = new Tried();

    @Param({"5", "10000"})
    public int backends;

    @Param({"LEAST_CONNECTIONS", "ROUND_ROBIN", "RANDOM_TWO_CHOICES", "CONSISTENT_HASH"})
    public Algorithm algorithm = Algorithm.LEAST_CONNECTIONS;

    /** Milliseconds between two changes; 0: none is made. */
    @Param("10")
    public int changeEvery;

    private @Nullable ChangingPool pool;

    /** What an event loop has of its own. */
    @State(Scope.Thread)
    public static class Loop {
        private final Lease lease = new LeaseAlone();
        private long key = ThreadLocalRandom.current().nextLong();

        long nextKey() {
            key = key * 6364136223846793005L + 1442695040888963407L;
            return key | 1;
        }
    }

    /** In no cache line with the other thread's: those of two requests are in the memory that each thread allocates from. */
    @SuppressWarnings("unused")
    private static final class LeaseAlone extends Lease {
        private long p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15, p16;
    }

    @Setup(Level.Trial)
    public void open() throws IOException {
        pool = new ChangingPool(Files.createTempDirectory("assignment"), backends, algorithm, changeEvery);
    }

    @TearDown(Level.Trial)
    public void close() throws InterruptedException {
        ChangingPool changed = Objects.requireNonNull(pool);
        changed.close();
        System.out.println("changes made: " + changed.changes());
    }

    /** The lease is a part of what the caller has anyway. */
    @Benchmark
    public Lease acquireAndRelease(Loop loop) {
        if (Objects.requireNonNull(pool).balanced().acquire(NOBODY, loop.nextKey(), null, loop.lease)) {
            loop.lease.close();
        }
        return loop.lease;
    }
}
