package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.ProbeReport;
import io.sluice.proxy.pool.TestLease;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        PassiveSettings settings = new PassiveSettings(maxFails, failTimeout, ErrorRate.OFF, EjectionSettings.DEFAULT);
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

    private void open(FailureCounter counter) {
        while (b1.breaker() == BreakerState.CLOSED) {
            counter.failed(b1, "x");
        }
    }

    private Lease trial() {
        Waiting.until("half open", () -> b1.breaker() == BreakerState.HALF_OPEN && b1.isEligible());
        Lease lease = Objects.requireNonNull(TestLease.of(b1));
        assertThat(lease.isTrial()).isTrue();
        return lease;
    }

    @Test
    void anEjectedBackendGetsOneRequestAtATimeAndItsFailureEjectsItAgain() {
        FailureCounter counter = counter(3, SHORT);
        open(counter);
        assertThat(b1.breaker()).isEqualTo(BreakerState.OPEN);
        Lease trial = trial();
        assertThat(TestLease.of(b1)).as("a second one").isNull();
        trial.close();
        assertThat(TestLease.of(b1)).as("before the outcome is known").isNull();
        counter.failed(trial, "x");
        assertThat(b1.breaker()).isEqualTo(BreakerState.OPEN);

        Lease next = trial();
        next.close();
        counter.succeeded(next);
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
        counter.failed(b1, "x");
        assertThat(b1.isEligible()).as("it starts anew").isTrue();
    }

    @Test
    void whatWasUnderWayBeforeDecidesNothing() {
        FailureCounter counter = counter(1, SHORT);
        Lease before = Objects.requireNonNull(TestLease.of(b1));
        open(counter);
        Lease trial = trial();
        before.close();
        counter.succeeded(before);
        assertThat(b1.breaker()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(TestLease.of(b1)).as("the trial still runs").isNull();
        trial.close();
        counter.succeeded(trial);
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void callersThatKnowOnlyTheBackendCloseAndOpenTheBreakerToo() {
        FailureCounter counter = counter(1, SHORT);
        open(counter);
        trial().close();
        counter.failed(b1, "x");
        assertThat(b1.breaker()).isEqualTo(BreakerState.OPEN);
        trial().close();
        counter.succeeded(b1);
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void aTrialWithoutAnOutcomeIsFollowedByAnother() {
        FailureCounter counter = counter(1, SHORT);
        open(counter);
        trial().close();
        Lease second = trial();
        counter.succeeded(second);
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
        second.close();
    }

    @Test
    void aTrialThatFailsLetsTheLastOneBackIn() {
        FailureCounter counter = counter(1, SHORT);
        open(counter);
        Lease trial = trial();
        pool.report(b2, new ProbeReport(false, Health.DOWN, null, null, "test"), b2.doubts());
        trial.close();
        counter.failed(trial, "x");
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
    }

    private void outcomes(FailureCounter counter, int successes, int failures) {
        for (int i = 0; i < failures; i++) {
            b1.recordOutcome(false);
            counter.failed(b1, "x");
        }
        for (int i = 0; i < successes; i++) {
            b1.recordOutcome(true);
            counter.succeeded(b1);
        }
    }

    private FailureCounter rateCounter() {
        ErrorRate rate = new ErrorRate(20, 50, Duration.ofSeconds(10));
        PassiveSettings settings = new PassiveSettings(0, LONG, rate, EjectionSettings.DEFAULT);
        return new FailureCounter(vertx, pool, settings, HealthObserver.NONE, Clock.systemUTC(), nanos::get);
    }

    @Test
    void tooGreatAShareOfFailuresEjects() {
        FailureCounter counter = rateCounter();
        outcomes(counter, 1_000, 0);
        outcomes(counter, 0, 49);
        assertThat(b1.breaker()).as("49 requests say nothing").isEqualTo(BreakerState.CLOSED);
        outcomes(counter, 0, 1);
        assertThat(b1.breaker()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void aSmallerShareDoesNotAndOldFailuresAgeOut() {
        FailureCounter counter = rateCounter();
        for (int i = 0; i < 100; i++) {
            outcomes(counter, 9, 1);
        }
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
        outcomes(counter, 0, 49);
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        outcomes(counter, 0, 49);
        assertThat(b1.breaker()).as("a new window").isEqualTo(BreakerState.CLOSED);
    }

    /** A 500 is an answer to the client, but no good one. */
    @Test
    void errorAnswersCountTowardsTheRate() {
        FailureCounter counter = rateCounter();
        for (int i = 0; i < 50; i++) {
            b1.recordOutcome(false);
            counter.succeeded(b1);
        }
        assertThat(b1.breaker()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void zeroNeverEjects() {
        FailureCounter counter = counter(0, LONG);
        for (int i = 0; i < 100; i++) {
            counter.failed(b1, "x");
        }
        assertThat(b1.isEligible()).isTrue();
    }

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private FailureCounter counter(BackendPool of, EjectionSettings ejection) {
        PassiveSettings settings = new PassiveSettings(1, SHORT, ErrorRate.OFF, ejection);
        return new FailureCounter(
                vertx, of, settings, HealthObserver.NONE, Clock.fixed(NOW, ZoneOffset.UTC), nanos::get);
    }

    private void failTrial(FailureCounter counter) {
        Lease trial = trial();
        trial.close();
        counter.failed(trial, "x");
    }

    private void passTrial(FailureCounter counter) {
        Lease trial = trial();
        trial.close();
        counter.succeeded(trial);
        assertThat(b1.breaker()).isEqualTo(BreakerState.CLOSED);
    }

    private Duration lastEjection() {
        return Duration.between(NOW, Objects.requireNonNull(b1.observation().ejectedUntil()));
    }

    @Test
    void eachFailedTrialMakesTheNextEjectionLongerUpToALimit() {
        FailureCounter counter =
                counter(pool, new EjectionSettings(SHORT.multipliedBy(3).minusMillis(1), 50));
        open(counter);
        assertThat(lastEjection()).isEqualTo(SHORT);
        failTrial(counter);
        assertThat(lastEjection()).isEqualTo(SHORT.multipliedBy(2));
        failTrial(counter);
        assertThat(lastEjection()).isEqualTo(SHORT.multipliedBy(3).minusMillis(1));
        failTrial(counter);
        assertThat(lastEjection()).isEqualTo(SHORT.multipliedBy(3).minusMillis(1));
    }

    @Test
    void aTimeOfHealthTakesAnEjectionOff() {
        FailureCounter counter = counter(pool, EjectionSettings.DEFAULT);
        open(counter);
        failTrial(counter);
        failTrial(counter);
        assertThat(lastEjection()).isEqualTo(SHORT.multipliedBy(3));
        passTrial(counter);
        nanos.addAndGet(SHORT.multipliedBy(2).toNanos());
        open(counter);
        assertThat(lastEjection()).as("two of three were forgiven").isEqualTo(SHORT.multipliedBy(2));
        passTrial(counter);
        open(counter);
        assertThat(lastEjection()).as("none was forgiven").isEqualTo(SHORT.multipliedBy(3));
        passTrial(counter);
        nanos.addAndGet(LONG.toNanos());
        open(counter);
        assertThat(lastEjection()).isEqualTo(SHORT);
    }

    @Test
    void aLimitBelowTheFirstEjectionDoesNotShortenIt() {
        FailureCounter counter = counter(pool, new EjectionSettings(Duration.ofMillis(10), 50));
        open(counter);
        assertThat(lastEjection()).isEqualTo(SHORT);
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "50, 3", "60, 3", "61, 4", "100, 4", "0, 0"})
    void onlySoLargeAShareOfAPoolIsEjected(int percent, int expected) {
        List<BackendSettings> five = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            five.add(new BackendSettings("b" + i, "127.0.0.1:" + i, null, 1));
        }
        BackendPool large = BackendPool.fixed(PoolSettings.of("test", five));
        PassiveSettings settings = new PassiveSettings(1, LONG, ErrorRate.OFF, new EjectionSettings(LONG, percent));
        FailureCounter counter =
                new FailureCounter(vertx, large, settings, HealthObserver.NONE, Clock.systemUTC(), nanos::get);
        large.snapshot().backends().forEach(backend -> counter.failed(backend, "x"));
        assertThat(large.snapshot().backends())
                .filteredOn(each -> !each.isEligible())
                .hasSize(expected);
    }
}
