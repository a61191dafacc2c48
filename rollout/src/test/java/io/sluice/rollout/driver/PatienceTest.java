package io.sluice.rollout.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private final SimulatedTime time = new SimulatedTime();
    private final Patience patience = new Patience(time.of(new SimulatedTime.Life()), time);
    private final AtomicInteger tries = new AtomicInteger();

    @Test
    void aTryThatHangsEndsAtTheDeadline() {
        Instant deadline = time.instant().plus(DEADLINE);
        Future<String> hanging = patience.until(deadline, () -> true, failure -> true, () -> {
            tries.incrementAndGet();
            return Promise.<String>promise().future();
        });
        time.pass(DEADLINE.minusMillis(1));
        assertThat(hanging.isComplete()).isFalse();
        time.pass(Duration.ofMillis(1));
        assertThat(hanging.cause()).isInstanceOf(TimeoutException.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void aFailureIsTriedAgainUntilTheNextTryWouldComeTooLate() {
        Instant deadline = time.instant().plus(DEADLINE);
        IllegalStateException failure = new IllegalStateException("not yet");
        Future<String> failing = patience.until(deadline, () -> true, any -> true, () -> {
            tries.incrementAndGet();
            return Future.failedFuture(failure);
        });
        time.pass(DEADLINE);
        assertThat(failing.cause()).isSameAs(failure);
        assertThat(tries.get()).isGreaterThan(3);
    }

    @Test
    void withoutADeadlineItIsTriedForever() {
        Future<Integer> late = patience.until(
                Instant.MAX,
                () -> true,
                failure -> true,
                () -> tries.incrementAndGet() < 1_000
                        ? Future.failedFuture(new IllegalStateException("not yet"))
                        : Future.succeededFuture(tries.get()));
        time.pass(Duration.ofMinutes(10));
        assertThat(late.result()).isEqualTo(1_000);
    }
}
