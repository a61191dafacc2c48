package io.sluice.instance.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.configuration.RetryPolicy;
import io.sluice.instance.outbox.Attempt;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final RetryPolicy POLICY =
            new RetryPolicy(4, Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofSeconds(3), 2);

    private final Backoff longest = new Backoff(() -> 0.999999);

    @Test
    void waitsUpToTheExponentialBound() {
        assertThat(longest.next(POLICY, attempt(1), START, null)).contains(START.plusMillis(999));
        assertThat(longest.next(POLICY, attempt(2), START, null)).contains(START.plusMillis(1999));
        assertThat(longest.next(POLICY, attempt(3), START, null)).contains(START.plusMillis(2999));
        assertThat(new Backoff(() -> 0).next(POLICY, attempt(3), START, null)).contains(START);
    }

    @Test
    void endsAfterTheLastAttempt() {
        assertThat(longest.next(POLICY, attempt(4), START, null)).isEmpty();
    }

    @Test
    void endsWhenTheEventWouldBeTooOld() {
        Instant late = START.plus(Duration.ofHours(1)).minusMillis(500);

        assertThat(longest.next(POLICY, attempt(1), late, null)).isEmpty();
        assertThat(new Backoff(() -> 0.4).next(POLICY, attempt(1), late, null)).isPresent();
    }

    @Test
    void zeroAttemptsMeansUntilTooOld() {
        RetryPolicy endless = new RetryPolicy(0, Duration.ofDays(3), Duration.ofSeconds(1), Duration.ofMinutes(15), 2);

        assertThat(longest.next(endless, attempt(100_000), START, null))
                .contains(START.plus(Duration.ofMinutes(15)).minusMillis(1));
    }

    @Test
    void whatTheTargetAsksForGoesFirstWithinADay() {
        RetryPolicy patient = new RetryPolicy(0, Duration.ofDays(3), Duration.ofSeconds(1), Duration.ofSeconds(3), 2);

        assertThat(longest.next(patient, attempt(1), START, Duration.ofSeconds(90)))
                .contains(START.plusSeconds(90));
        assertThat(longest.next(patient, attempt(1), START, Duration.ofDays(2)))
                .contains(START.plus(Duration.ofDays(1)));
    }

    private static Attempt attempt(int number) {
        return new Attempt(1, 0, "main", "orders", "e1", number, START, START);
    }
}
