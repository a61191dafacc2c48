package io.sluice.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolLimits;
import io.sluice.proxy.pool.TestLease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Least connections over more backends than it looks at. */
class LoadIndexTest {
    static LongStream seeds() {
        Long given = Long.getLong("seed");
        return given == null ? LongStream.range(1, 7) : LongStream.of(given);
    }

    /** With one thread nothing is stale: the choice is the one that looking at all would have made. */
    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void theLeastLoadedPerWeightIsChosen(long seed) {
        Random random = new Random(seed);
        int[] weights =
                IntStream.generate(() -> 1 + random.nextInt(5)).limit(150).toArray();
        try (PoolUnderTest p = PoolUnderTest.of(new LeastConnections(), weights)) {
            List<Lease> open = new ArrayList<>();
            for (int i = 0; i < 4_000; i++) {
                int which = random.nextInt(20);
                if (which < 5 && !open.isEmpty()) {
                    open.remove(random.nextInt(open.size())).close();
                } else if (which == 5) {
                    p.health("b" + random.nextInt(150), random.nextInt(3) == 0 ? Health.DOWN : Health.UP);
                } else if (which == 6) {
                    Lease lease = TestLease.of(p.backend("b" + random.nextInt(150)));
                    if (lease != null) {
                        open.add(lease);
                    }
                } else {
                    double least = p.pool.snapshot().backends().stream()
                            .filter(Backend::isEligible)
                            .mapToDouble(backend -> backend.inFlight() / (double) backend.weight())
                            .min()
                            .orElseThrow();
                    Lease lease = p.acquire();
                    open.add(lease);
                    assertThat((lease.backend().inFlight() - 1)
                                    / (double) lease.backend().weight())
                            .isEqualTo(least);
                }
            }
            open.forEach(Lease::close);
        }
    }

    /** Each change comes by all members; what it does not concern is not looked at again. */
    @Test
    void aChangeIsNotedOnlyWhereItMatters() {
        try (PoolUnderTest p = new PoolUnderTest(new LeastConnections(), PoolUnderTest.equal(100), PoolLimits.NONE)) {
            Queue<Backend> moved = new ConcurrentLinkedQueue<>();
            p.pool.onMove(moved::add);
            p.hold("b1");
            p.release("b1");
            assertThat(moved).isNotEmpty().containsOnly(p.backend("b1"));
        }
    }

    @Test
    void equalsTakeTurns() {
        try (PoolUnderTest p = new PoolUnderTest(new LeastConnections(), PoolUnderTest.equal(100), PoolLimits.NONE)) {
            assertThat(p.choices(1_000).values()).containsOnly(10);
        }
    }

    @Test
    void veryLoadedBackendsAreToldApartToo() {
        try (PoolUnderTest p = new PoolUnderTest(new LeastConnections(), PoolUnderTest.equal(65), PoolLimits.NONE)) {
            for (Backend backend : p.pool.snapshot().backends()) {
                for (int i = 0; i < 5_000; i++) {
                    backend.tryAcquire(false, new Lease());
                }
            }
            for (int i = 0; i < 650; i++) {
                assertThat(p.balanced.acquire(new Tried())).isNotNull();
            }
        }
    }

    /** Threads acquire and release while health flips; afterwards the index must know every backend's true count. */
    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void nothingIsForgottenUnderContention(long seed) throws Exception {
        int size = 100;
        try (PoolUnderTest p = new PoolUnderTest(new LeastConnections(), PoolUnderTest.equal(size), PoolLimits.NONE)) {
            CountDownLatch over = new CountDownLatch(1);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<?>> traffic = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Random random = new Random(seed * 31 + i);
                traffic.add(threads.submit(() -> sendUntil(over, p, random)));
            }
            Random random = new Random(seed);
            for (int i = 0; i < 3_000; i++) {
                p.health("b" + random.nextInt(size), random.nextBoolean() ? Health.DOWN : Health.UP);
            }
            over.countDown();
            for (Future<?> each : traffic) {
                each.get(60, TimeUnit.SECONDS);
            }
            threads.shutdown();
            p.pool.snapshot().backends().forEach(backend -> p.health(backend.id(), Health.UP));
            assertThat(p.pool.snapshot().backends()).allMatch(backend -> backend.inFlight() == 0);
            for (int i = 0; i < 3 * size; i++) {
                p.acquire();
            }
            assertThat(p.pool.snapshot().backends()).allMatch(backend -> backend.inFlight() == 3);
        }
    }

    private static void sendUntil(CountDownLatch over, PoolUnderTest p, Random random) {
        Deque<Lease> open = new ArrayDeque<>();
        while (over.getCount() > 0) {
            Lease lease = p.balanced.acquire(new Tried());
            if (lease != null) {
                open.add(lease);
            }
            while (open.size() > random.nextInt(8)) {
                open.remove().close();
            }
        }
        open.forEach(Lease::close);
    }
}
