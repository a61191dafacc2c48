package io.sluice.benchmarks.balance;

import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.pool.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;
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

/** The first assignment after a change of the pool, which has to take in what the change left for it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Threads(1)
@Fork(1)
@Warmup(iterations = 200)
@Measurement(iterations = 200)
public class AssignmentAfterChangeBenchmark {
    private static final int BETWEEN = 2_000;
    private static final Tried NOBODY = new Tried();

    @Param({"5", "10000"})
    public int backends;

    private final Lease lease = new Lease();
    private @Nullable ChangingPool pool;

    @Setup(Level.Trial)
    public void open() throws IOException {
        pool = new ChangingPool(Files.createTempDirectory("assignment"), backends, Algorithm.LEAST_CONNECTIONS, 0);
    }

    @Setup(Level.Iteration)
    public void change() {
        ChangingPool changed = Objects.requireNonNull(pool);
        for (int i = 0; i < BETWEEN; i++) {
            acquireAndRelease();
        }
        changed.holdOrRelease();
    }

    @TearDown(Level.Trial)
    public void close() throws InterruptedException {
        Objects.requireNonNull(pool).close();
    }

    @Benchmark
    public Lease acquireAndRelease() {
        if (Objects.requireNonNull(pool).balanced().acquire(NOBODY, 0, null, lease)) {
            lease.close();
        }
        return lease;
    }
}
