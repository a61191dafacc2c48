package io.sluice.instance.deliver;

import io.sluice.instance.configuration.RetryPolicy;
import io.sluice.instance.outbox.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When a failed step is tried again: a wait drawn evenly from zero to the exponential bound (full jitter: Brooker, "Exponential Backoff And
 * Jitter", AWS 2015), so that what failed together does not come back together.
 */
final class Backoff {
    /** A target may not park an event for longer than this. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

    private final DoubleSupplier random;

    /** {@code random} gives numbers from 0 inclusive to 1 exclusive. */
    Backoff(DoubleSupplier random) {
        this.random = random;
    }

    /** Empty when the policy allows no further attempt. {@code asked}: what the target wants, or null. */
    Optional<Instant> next(RetryPolicy policy, Attempt failed, Instant now, @Nullable Duration asked) {
        if (policy.maxAttempts() > 0 && failed.number() >= policy.maxAttempts()) {
            return Optional.empty();
        }
        Instant next = now.plus(asked == null ? drawn(policy, failed.number()) : atMost(asked, LONGEST_RETRY_AFTER));
        return next.isAfter(failed.since().plus(policy.maxAge())) ? Optional.empty() : Optional.of(next);
    }

    private Duration drawn(RetryPolicy policy, int attempts) {
        double bound = Math.min(
                (double) policy.maxDelay().toMillis(),
                policy.initialDelay().toMillis() * Math.pow(policy.multiplier(), attempts - 1.0));
        return Duration.ofMillis((long) (random.getAsDouble() * bound));
    }

    private static Duration atMost(Duration wanted, Duration most) {
        return wanted.compareTo(most) > 0 ? most : wanted;
    }
}
