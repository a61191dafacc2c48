package io.sluice.benchmarks.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Appends 1 KiB records, each producer waiting until its record is durable before it appends the next. The folder is made in the system
 * property {@code directory}, by default the working directory, because a temporary folder may be memory.
 */
@State(Scope.Benchmark)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class DurableAppendBenchmark {

    private static final int RECORD_BYTES = 1024;
    private static final int RECORDS = 64;

    @Param({"JOURNAL", "SQLITE"})
    private StoreKind kind = StoreKind.JOURNAL;

    private final byte[][] records = new byte[RECORDS][RECORD_BYTES];
    private Path directory = Path.of(System.getProperty("directory", "."));
    private DurableStore store = record -> {
        throw new IllegalStateException("not set up");
    };

    @Setup
    public void open() throws IOException {
        Random random = new Random(1);
        for (byte[] record : records) {
            random.nextBytes(record);
        }
        directory = Files.createTempDirectory(directory, "durable-append");
        store = kind.open(directory);
    }

    @TearDown
    public void close() throws IOException {
        store.close();
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }

    @Benchmark
    @Threads(64)
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    public long throughputOf64Producers() {
        return append();
    }

    @Benchmark
    @Threads(64)
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public long latencyOf64Producers() {
        return append();
    }

    @Benchmark
    @Threads(1)
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public long latencyOfOneProducer() {
        return append();
    }

    private long append() {
        byte[] record = records[(int) (Thread.currentThread().getId() % RECORDS)];
        return store.append(record).join();
    }
}
