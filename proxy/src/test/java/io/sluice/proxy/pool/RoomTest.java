package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoomTest {
    private static BackendPool pool(int maxInFlight, int queueLimit) {
        return BackendPool.fixed(new PoolSettings(
                "p",
                List.of(new BackendSettings("b1", "127.0.0.1:1", null, 1)),
                null,
                Duration.ofSeconds(1),
                true,
                false,
                new PoolLimits(maxInFlight, queueLimit, 0)));
    }

    @Test
    void roomIsToldOnlyWhileSomebodyWaits() {
        BackendPool pool = pool(2, 10);
        Backend backend = pool.snapshot().backends().get(0);
        AtomicInteger told = new AtomicInteger();
        pool.onRoom(told::incrementAndGet);
        backend.tryAcquire(false, new Lease());
        backend.tryAcquire(false, new Lease());
        assertThat(backend.tryAcquire(false, new Lease())).isFalse();
        assertThat(backend.isFull()).isTrue();
        assertThat(backend.isEligible()).as("full is no reason against it").isTrue();
        backend.release();
        assertThat(told).hasValue(0);
        backend.tryAcquire(false, new Lease());
        assertThat(pool.tryWait()).isTrue();
        backend.release();
        assertThat(told).hasValue(1);
        backend.release();
        assertThat(told).as("it was not full").hasValue(1);
        pool.endWait();
    }

    @Test
    void noMoreWaitThanTheLimitAllows() {
        BackendPool pool = pool(1, 2);
        assertThat(pool.tryWait()).isTrue();
        assertThat(pool.tryWait()).isTrue();
        assertThat(pool.tryWait()).isFalse();
        assertThat(pool.waiting()).isEqualTo(2);
        pool.endWait();
        assertThat(pool.tryWait()).isTrue();
    }

    /** Threads queue for one place; were a single wake-up lost, one of them would wait for ever. */
    @Test
    void noWakeUpIsLost() throws Exception {
        BackendPool pool = pool(1, 100);
        Backend backend = pool.snapshot().backends().get(0);
        Semaphore wake = new Semaphore(0);
        pool.onRoom(() -> wake.release(4));
        AtomicLong most = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Boolean>> workers = IntStream.range(0, 4)
                .mapToObj(i -> threads.submit(() -> {
                    for (int n = 0; n < 5_000; n++) {
                        Lease lease = await(pool, backend, wake);
                        if (lease == null) {
                            return false;
                        }
                        most.accumulateAndGet(backend.inFlight(), Math::max);
                        lease.close();
                    }
                    return true;
                }))
                .toList();
        for (Future<Boolean> worker : workers) {
            assertThat(worker.get(60, TimeUnit.SECONDS)).isTrue();
        }
        threads.shutdown();
        assertThat(most).hasValue(1);
        assertThat(pool.waiting()).isZero();
    }

    private static @Nullable Lease await(BackendPool pool, Backend backend, Semaphore wake)
            throws InterruptedException {
        Lease lease = TestLease.of(backend);
        if (lease != null) {
            return lease;
        }
        assertThat(pool.tryWait()).isTrue();
        try {
            while (true) {
                Lease late = TestLease.of(backend);
                if (late != null) {
                    return late;
                }
                if (!wake.tryAcquire(20, TimeUnit.SECONDS)) {
                    return null;
                }
            }
        } finally {
            pool.endWait();
        }
    }
}
