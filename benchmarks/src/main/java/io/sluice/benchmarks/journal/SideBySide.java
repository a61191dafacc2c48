package io.sluice.benchmarks.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * The comparison of {@link DurableAppendBenchmark} for a machine that does other things too: the stores take turns every second, for many
 * rounds, so that both see the same noise. Prints the median of the rounds. Arguments: producers, rounds, directory.
 */
public final class SideBySide {

    private static final int RECORD_BYTES = 1024;
    private static final long SLICE_NANOS = 1_000_000_000L;

    private record Slice(double recordsPerSecond, double medianMillis, double p99Millis, double cpuMicrosPerRecord) {}

    private final int producers;
    private final byte[] record = new byte[RECORD_BYTES];

    private SideBySide(int producers) {
        this.producers = producers;
        new Random(1).nextBytes(record);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int producers = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        Path directory = Files.createTempDirectory(Path.of(arguments[2]), "side-by-side");
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        new SideBySide(producers).compare(rounds, directory, out);
    }

    private void compare(int rounds, Path directory, PrintStream out) throws IOException, InterruptedException {
        Map<StoreKind, DurableStore> stores = new EnumMap<>(StoreKind.class);
        Map<StoreKind, List<Slice>> slices = new EnumMap<>(StoreKind.class);
        for (StoreKind kind : StoreKind.values()) {
            stores.put(kind, kind.open(Files.createDirectory(directory.resolve(kind.name()))));
            slices.put(kind, new ArrayList<>());
        }
        for (int round = -2; round < rounds; round++) {
            for (Map.Entry<StoreKind, DurableStore> store : stores.entrySet()) {
                Slice slice = run(store.getValue());
                if (round >= 0) {
                    slices.getOrDefault(store.getKey(), List.of()).add(slice);
                }
            }
        }
        stores.values().forEach(DurableStore::close);
        slices.forEach((kind, each) -> out.println(summary(kind, each)));
    }

    private Slice run(DurableStore store) throws InterruptedException {
        long cpu = processCpuNanos();
        long start = System.nanoTime();
        List<Producer> running = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            Producer producer = new Producer(store, record, start + SLICE_NANOS);
            producer.start();
            running.add(producer);
        }
        long[] all = new long[0];
        for (Producer producer : running) {
            producer.join();
            int at = all.length;
            all = Arrays.copyOf(all, at + producer.count);
            System.arraycopy(producer.nanos, 0, all, at, producer.count);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Arrays.sort(all);
        double cpuMicros = (processCpuNanos() - cpu) / 1e3 / all.length;
        return new Slice(all.length / seconds, all[all.length / 2] / 1e6, all[all.length * 99 / 100] / 1e6, cpuMicros);
    }

    private static long processCpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    private String summary(StoreKind kind, List<Slice> slices) {
        return String.format(
                Locale.ROOT,
                "%-8s producers=%d rounds=%d records/s=%.0f p50=%.2fms p99=%.2fms cpu=%.1fus/record",
                kind,
                producers,
                slices.size(),
                median(slices.stream().mapToDouble(Slice::recordsPerSecond).toArray()),
                median(slices.stream().mapToDouble(Slice::medianMillis).toArray()),
                median(slices.stream().mapToDouble(Slice::p99Millis).toArray()),
                median(slices.stream().mapToDouble(Slice::cpuMicrosPerRecord).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static final class Producer extends Thread {

        private final DurableStore store;
        private final byte[] record;
        private final long end;
        private long[] nanos = new long[1024];
        private int count;

        Producer(DurableStore store, byte[] record, long end) {
            this.store = store;
            this.record = record;
            this.end = end;
        }

        @Override
        public void run() {
            long before = System.nanoTime();
            while (before < end) {
                store.append(record).join();
                long after = System.nanoTime();
                if (count == nanos.length) {
                    nanos = Arrays.copyOf(nanos, count * 2);
                }
                nanos[count] = after - before;
                count++;
                before = after;
            }
        }
    }
}
