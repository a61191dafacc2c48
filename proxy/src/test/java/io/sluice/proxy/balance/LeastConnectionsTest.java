package io.sluice.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.ProbeReport;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeastConnectionsTest {
    private final LeastConnections balancer = new LeastConnections();

    private static BackendPool pool(int... weights) {
        return pool(true, weights);
    }

    private static BackendPool pool(boolean panic, int... weights) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            backends.add(new BackendSettings("b" + i, "127.0.0.1:" + (8000 + i), null, weights[i]));
        }
        return BackendPool.fixed(new PoolSettings("p", backends, null, Duration.ofSeconds(1), panic, false));
    }

    private static List<Long> loads(BackendPool pool) {
        return pool.snapshot().backends().stream().map(Backend::inFlight).toList();
    }

    private static void report(BackendPool pool, int index, Health health) {
        Backend backend = pool.snapshot().backends().get(index);
        pool.report(backend, new ProbeReport(health == Health.UP, health, null, null, "test"), backend.doubts());
    }

    private Lease acquire(BackendPool pool) {
        return acquire(pool, new Tried());
    }

    private Lease acquire(BackendPool pool, Tried tried) {
        return Objects.requireNonNull(tryAcquire(pool, tried));
    }

    private @Nullable Lease tryAcquire(BackendPool pool, Tried tried) {
        Lease lease = new Lease();
        return balancer.acquire(pool.snapshot(), tried, 0, lease) ? lease : null;
    }

    private String sequence(BackendPool pool, int count) {
        return Stream.generate(() -> {
                    Lease lease = acquire(pool);
                    lease.close();
                    return lease.backend().id().substring(1);
                })
                .limit(count)
                .collect(Collectors.joining());
    }

    @Test
    void theIdlestPerWeightIsChosen() {
        BackendPool pool = pool(1, 2, 3);
        for (int i = 0; i < 60; i++) {
            acquire(pool);
        }
        assertThat(loads(pool)).containsExactly(10L, 20L, 30L);
    }

    @Test
    void idleBackendsTakeTurnsByWeightSmoothly() {
        assertThat(sequence(pool(5, 1, 1), 14)).isEqualTo("00102000010200");
        assertThat(sequence(pool(1, 1, 1), 6)).isEqualTo("012012");
    }

    @Test
    void peekTellsTheNextAndMovesNothing() {
        BackendPool pool = pool(5, 1, 1);
        for (int i = 0; i < 14; i++) {
            Backend next = balancer.peek(pool.snapshot());
            assertThat(balancer.peek(pool.snapshot())).isSameAs(next);
            Lease lease = acquire(pool);
            assertThat(lease.backend()).isSameAs(next);
            lease.close();
        }
    }

    @Test
    void theTriedAreLeftOutWhileAnotherIsEligible() {
        BackendPool pool = pool(1, 1);
        Tried tried = new Tried();
        Backend first = acquire(pool, tried).backend();
        tried.add(first);
        for (int i = 0; i < 5; i++) {
            assertThat(acquire(pool, tried).backend()).isNotSameAs(first);
        }
        tried.add(acquire(pool, tried).backend());
        assertThat(acquire(pool, tried).backend()).isSameAs(first);
    }

    @Test
    void panicOverlooksHealthOnlyWhenNobodyIsLeft() {
        BackendPool pool = pool(1, 1, 1);
        report(pool, 0, Health.DOWN);
        report(pool, 1, Health.DOWN);
        assertThat(sequence(pool, 3)).isEqualTo("222");
        assertThat(pool.snapshot().isPanicking()).isFalse();
        pool.eject(pool.snapshot().backends().get(2), Instant.EPOCH, "test");
        assertThat(pool.snapshot().isPanicking()).isTrue();
        assertThat(sequence(pool, 6)).contains("0", "1", "2");
        report(pool, 1, Health.UP);
        assertThat(sequence(pool, 3)).isEqualTo("111");
    }

    @Test
    void aTriedButHealthyBackendBeatsPanic() {
        BackendPool pool = pool(1, 1);
        report(pool, 1, Health.DOWN);
        Tried tried = new Tried();
        tried.add(pool.snapshot().backends().get(0));
        assertThat(acquire(pool, tried).backend().id()).isEqualTo("b0");
    }

    @Test
    void withoutPanicNobodyIsAnAnswer() {
        BackendPool pool = pool(false, 1, 1);
        report(pool, 0, Health.DOWN);
        report(pool, 1, Health.DOWN);
        assertThat(tryAcquire(pool, new Tried())).isNull();
        assertThat(balancer.peek(pool.snapshot())).isNull();
        assertThat(tryAcquire(pool(), new Tried())).isNull();
    }

    /** When nothing is released, exactness shows: however the threads race, no backend is ever two ahead of another. */
    @ParameterizedTest
    @ValueSource(ints = {2, 5, 64})
    void manyThreadsFillThePoolEvenly(int backends) throws Exception {
        BackendPool pool = pool(IntStream.generate(() -> 1).limit(backends).toArray());
        int threads = 4;
        int each = backends * 500;
        race(threads, () -> {
            for (int i = 0; i < each; i++) {
                acquire(pool);
            }
        });
        assertThat(loads(pool)).containsOnly((long) threads * each / backends);
    }

    /** Threads that hold a few requests each: the loads that a choice was made from never differ by more than what raced with it. */
    @ParameterizedTest
    @ValueSource(ints = {5, 100})
    void countsStayExactWhileThreadsAcquireAndRelease(int backends) throws Exception {
        BackendPool pool = pool(IntStream.generate(() -> 1).limit(backends).toArray());
        race(4, () -> {
            Deque<Lease> mine = new ArrayDeque<>();
            for (int i = 0; i < 20_000; i++) {
                mine.add(acquire(pool));
                if (mine.size() > 3) {
                    mine.remove().close();
                }
            }
            mine.forEach(Lease::close);
        });
        assertThat(loads(pool)).containsOnly(0L);
        assertThat(pool.snapshot().backends()).allMatch(backend -> backend.surplusReleases() == 0);
    }

    @Test
    void acquiringAllocatesTheLeaseAlone() {
        BackendPool pool = pool(1, 2, 3, 4, 5);
        Tried tried = new Tried();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        int rounds = 50_000;
        long allocated = Long.MAX_VALUE;
        for (int warm = 0; warm < 5; warm++) {
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < rounds; i++) {
                acquire(pool, tried).close();
            }
            allocated = Math.min(allocated, (threads.getThreadAllocatedBytes(self) - before) / rounds);
        }
        assertThat(allocated).as("bytes per acquire").isLessThanOrEqualTo(32);
    }

    private static void race(int threads, Runnable work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(executor.submit(() -> {
                start.await(20, TimeUnit.SECONDS);
                work.run();
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
        executor.shutdown();
    }
}
