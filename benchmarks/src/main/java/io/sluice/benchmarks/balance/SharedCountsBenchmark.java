package io.sluice.benchmarks.balance;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What the hardware takes for counts that threads share: a floor under what an assignment can cost. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(2)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class SharedCountsBenchmark {
    private static final int COUNTS = 5;
    /** So that no two counts are in one cache line, nor in two that are fetched together. */
    private static final int APART = 32;

    private final AtomicLongArray counts = new AtomicLongArray((COUNTS + 2) * APART);

    /** Whose turn it is, for this thread alone. */
    @State(Scope.Thread)
    public static class Turn {
        private int turn;

        int next() {
            turn = turn == COUNTS ? 1 : turn + 1;
            return turn * APART;
        }
    }

    /** The next one up and down again. */
    @Benchmark
    public long upAndDown(Turn turn) {
        int at = turn.next();
        counts.incrementAndGet(at);
        return counts.decrementAndGet(at);
    }

    /** Reads all, which an exact choice cannot do without, and counts the next one up from what it read, and down again. */
    @Benchmark
    public long readAllUpAndDown(Turn turn) {
        int at = turn.next();
        while (true) {
            long seen = counts.get(at);
            long sum = 0;
            for (int i = 1; i <= COUNTS; i++) {
                sum += counts.get(i * APART);
            }
            if (sum >= 0 && counts.compareAndSet(at, seen, seen + 1)) {
                return counts.decrementAndGet(at);
            }
        }
    }
}
