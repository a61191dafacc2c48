package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendTest {
    private final AtomicInteger quiet = new AtomicInteger();
    private final Backend backend = new Backend(
            "webhooks",
            BackendState.of(new BackendSettings("b1", "127.0.0.1:8001", null, 1), 1, List.of()),
            false,
            b -> quiet.incrementAndGet(),
            new PoolSignals());

    @Test
    void aLeaseClosesOnce() {
        Lease one = Objects.requireNonNull(TestLease.of(backend));
        Lease two = Objects.requireNonNull(TestLease.of(backend));
        one.close();
        one.close();
        assertThat(backend.inFlight()).isEqualTo(1);
        assertThat(backend.surplusReleases()).isEqualTo(1);
        two.close();
        assertThat(backend.inFlight()).isZero();
    }

    @Test
    void onlyALastRequestOfAClosedBackendFallsQuiet() {
        assertThat(backend.tryAcquire(false, new Lease())).isTrue();
        backend.release();
        assertThat(quiet).hasValue(0);
        assertThat(backend.tryAcquire(false, new Lease())).isTrue();
        assertThat(backend.tryAcquire(false, new Lease())).isTrue();
        backend.setHeld(true);
        assertThat(backend.tryAcquire(false, new Lease())).isFalse();
        backend.release();
        assertThat(quiet).hasValue(0);
        backend.release();
        assertThat(quiet).hasValue(1);
        assertThat(backend.isQuiet()).isTrue();
    }

    @Test
    void healthMayBeOverlookedButNothingElse() {
        backend.observed().probe(new ProbeReport(false, Health.DOWN, null, null, "refused"), 0);
        assertThat(backend.tryAcquire(false, new Lease())).isFalse();
        assertThat(backend.tryAcquire(true, new Lease())).isTrue();
        assertThat(backend.loadIfEligible(true)).isEqualTo(1);
        assertThat(backend.loadIfEligible(false)).isEqualTo(-1);
        backend.setHeld(true);
        assertThat(backend.tryAcquire(true, new Lease())).isFalse();
    }

    /** Threads acquire and release while the backend is held and opened: nobody may get in after a hold was seen to be quiet. */
    @Test
    @Timeout(60)
    void noRequestSlipsIntoAHold() throws Exception {
        int threads = 4;
        int rounds = 200;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong acquired = new AtomicLong();
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(pool.submit(() -> acquireUntil(stop, acquired)));
        }
        int slipped = 0;
        for (int round = 0; round < rounds; round++) {
            long before = acquired.get();
            while (acquired.get() == before) {
                Thread.onSpinWait();
            }
            backend.setHeld(true);
            while (!backend.isQuiet()) {
                Thread.onSpinWait();
            }
            for (int look = 0; look < 20; look++) {
                slipped += backend.inFlight() == 0 ? 0 : 1;
            }
            backend.setHeld(false);
        }
        stop.set(true);
        for (Future<?> worker : workers) {
            worker.get(20, TimeUnit.SECONDS);
        }
        pool.shutdown();
        assertThat(slipped).isZero();
        assertThat(backend.inFlight()).isZero();
    }

    private void acquireUntil(AtomicBoolean stop, AtomicLong acquired) {
        while (!stop.get()) {
            Lease lease = TestLease.of(backend);
            if (lease != null) {
                acquired.incrementAndGet();
                lease.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"localhost:80,localhost,80", "10.0.0.1:65535,10.0.0.1,65535", "[::1]:8000,::1,8000"})
    void addressesAreReadAndWritten(String text, String host, int port) {
        BackendAddress address = BackendAddress.parse(text).orElseThrow();
        assertThat(address.host()).isEqualTo(host);
        assertThat(address.port()).isEqualTo(port);
        assertThat(address).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", ":80", "host:", "host:0", "host:65536", "a b:80", "http://a:80", "::1:80", "[]:80"})
    void whatIsNoAddressIsRefused(String text) {
        assertThat(BackendAddress.parse(text)).isEmpty();
    }

    @Test
    void outcomesAreCounted() {
        Stream.of(true, true, false).forEach(backend::recordOutcome);
        assertThat(List.of(backend.requests(), backend.successes(), backend.failures()))
                .containsExactly(3L, 2L, 1L);
    }
}
