package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The one atomic word under threads that acquire and release at random while another holds, ejects and offers trials. It knows when a hold
 * was acknowledged, and so what must not happen after.
 */
class BackendModelTest {
    private static final int ROUNDS = 400;
    private static final int MOST = 5;

    static LongStream seeds() {
        Long given = Long.getLong("seed");
        return given == null ? LongStream.range(1, 9) : LongStream.of(given);
    }

    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger quiet = new AtomicInteger();
    private final AtomicInteger trialsRunning = new AtomicInteger();
    private volatile boolean held;
    private int drains;
    private final Backend backend = new Backend(
            "p",
            BackendState.of(new BackendSettings("b1", "127.0.0.1:1", null, 1, false, MOST), 1, List.of()),
            false,
            b -> quiet.incrementAndGet(),
            new PoolSignals());

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void theWordIsExact(long seed) throws Exception {
        backend.configure(
                BackendState.of(new BackendSettings("b1", "127.0.0.1:1", null, 1, false, MOST), 1, List.of()), null);
        CountDownLatch over = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> traffic = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Random random = new Random(seed * 31 + i);
            traffic.add(threads.submit(() -> sendUntil(over, random)));
        }
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            if (random.nextBoolean()) {
                drainOnce();
            } else {
                tryOnce();
            }
        }
        over.countDown();
        for (Future<?> each : traffic) {
            each.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(violations).isEmpty();
        assertThat(quiet.get())
                .as("whose last request ends is told, once a drain")
                .isPositive()
                .isLessThanOrEqualTo(drains);
        assertThat(backend.inFlight()).isZero();
        assertThat(backend.surplusReleases()).isZero();
    }

    private void drainOnce() {
        drains++;
        backend.setHeld(true);
        held = true;
        while (!backend.isQuiet()) {
            Thread.onSpinWait();
        }
        for (int look = 0; look < 20; look++) {
            expect(backend.inFlight() == 0, "in flight after it was quiet");
        }
        held = false;
        backend.setHeld(false);
    }

    private void tryOnce() {
        backend.observed().ejection(Instant.EPOCH, "test");
        while (backend.inFlight() > 0) {
            Thread.onSpinWait();
        }
        backend.observed().trial();
        while (backend.isEligible()) {
            Thread.onSpinWait();
        }
        for (int look = 0; look < 20; look++) {
            expect(backend.inFlight() <= 1, "more than the trial runs");
        }
        backend.observed().ejection(null, "");
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }

    private void sendUntil(CountDownLatch over, Random random) {
        Deque<Lease> open = new ArrayDeque<>();
        while (over.getCount() > 0) {
            boolean heldBefore = held;
            Lease lease = TestLease.of(backend);
            if (lease != null) {
                // Held before and after: acknowledged all the while that it was assigned in.
                expect(!(heldBefore && held && backend.isQuiet()), "assigned during a hold");
                expect(backend.inFlight() <= MOST, "more than it may run");
                expect(!lease.isTrial() || trialsRunning.incrementAndGet() == 1, "two trials at a time");
                open.add(lease);
            }
            while (!open.isEmpty() && (lease == null || open.size() > random.nextInt(3))) {
                close(open.remove());
            }
        }
        open.forEach(this::close);
    }

    private void close(Lease lease) {
        if (lease.isTrial()) {
            trialsRunning.decrementAndGet();
        }
        lease.close();
    }
}
