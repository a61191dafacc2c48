package io.sluice.instance.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;

class DrainGateRaceTest {
    private static final int THREADS = 3;
    private static final int ENTRIES = 2_000;

    private final DrainGate gate = new DrainGate();
    private final Drain drain = new Drain(gate, new ManualTimer(), Clock.systemUTC());
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicInteger lateEntries = new AtomicInteger();

    /** After the drain was told to be complete nobody is inside and nobody gets in. */
    @RepeatedTest(20)
    void nobodyIsInsideOnceDrained() throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS + 1);
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            workers.add(CompletableFuture.runAsync(() -> work(start), task -> new Thread(task).start()));
        }
        await(start);
        CompletableFuture<Void> drained = drain.drained().thenRun(() -> {
            assertThat(gate.inFlight()).isZero();
            told.set(true);
        });
        drain.start("test", Duration.ZERO, Duration.ofSeconds(1));

        drained.get(10, TimeUnit.SECONDS);
        CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
        assertThat(lateEntries).hasValue(0);
        assertThat(gate.inFlight()).isZero();
    }

    private void work(CyclicBarrier start) {
        await(start);
        for (int i = 0; i < ENTRIES; i++) {
            boolean toldBefore = told.get();
            if (gate.tryEnter()) {
                if (toldBefore) {
                    lateEntries.incrementAndGet();
                }
                Thread.onSpinWait();
                gate.leave();
            }
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
