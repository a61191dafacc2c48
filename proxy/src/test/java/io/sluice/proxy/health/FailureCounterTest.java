package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailureCounterTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong nanos = new AtomicLong();
    private final BackendPool pool = BackendPool.fixed(PoolSettings.of(
            "test",
            List.of(
                    new BackendSettings("b1", "127.0.0.1:1", null, 1),
                    new BackendSettings("b2", "127.0.0.1:2", null, 1))));
    private final Backend b1 = pool.snapshot().backend("b1").orElseThrow();
    private final Backend b2 = pool.snapshot().backend("b2").orElseThrow();

    private FailureCounter counter(int maxFails, Duration failTimeout) {
        HealthSettings settings = HealthSettings.passiveOnly().withPassive(maxFails, failTimeout);
        return new FailureCounter(vertx, pool, settings, HealthObserver.NONE, Clock.systemUTC(), nanos::get);
    }

    @AfterEach
    void close() {
        Waiting.on(vertx.close());
    }

    @Test
    void ejectsAfterMaxFails() {
        FailureCounter counter = counter(3, LONG);
        counter.failed(b1, "x");
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).isTrue();
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).isFalse();
    }

    @Test
    void aSuccessClearsTheCount() {
        FailureCounter counter = counter(2, LONG);
        counter.failed(b1, "x");
        counter.succeeded(b1);
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).isTrue();
    }

    @Test
    void failuresAgeOut() {
        FailureCounter counter = counter(2, LONG);
        counter.failed(b1, "x");
        nanos.addAndGet(LONG.toNanos() + 1);
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).isTrue();
    }

    @Test
    void theLastEligibleBackendIsNeverEjected() {
        FailureCounter counter = counter(1, LONG);
        counter.failed(b1, "x");
        counter.failed(b2, "x");
        counter.failed(b2, "x");
        assertThat(b1.isEligible()).isFalse();
        assertThat(b2.isEligible()).isTrue();
    }

    @Test
    void anEjectedBackendGetsAnotherTryAndTheFirstFailureEjectsItAgain() {
        FailureCounter counter = counter(3, SHORT);
        counter.failed(b1, "x");
        counter.failed(b1, "x");
        counter.failed(b1, "x");
        Waiting.until("readmitted", b1::isEligible);
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).isFalse();
        Waiting.until("readmitted again", b1::isEligible);
        counter.succeeded(b1);
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).isTrue();
    }

    @Test
    void zeroNeverEjects() {
        FailureCounter counter = counter(0, LONG);
        for (int i = 0; i < 100; i++) {
            counter.failed(b1, "x");
        }
        assertThat(b1.isEligible()).isTrue();
    }
}
