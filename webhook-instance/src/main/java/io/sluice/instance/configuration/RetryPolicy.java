package io.sluice.instance.configuration;

import java.time.Duration;

/**
 * How often and how fast a delivery is tried again: the wait before attempt n+1 is drawn from 0 to min(maxDelay, initialDelay ·
 * multiplier^(n-1)). {@code maxAttempts} 0 means until {@code maxAge} has passed since arrival.
 */
public record RetryPolicy(
        int maxAttempts, Duration maxAge, Duration initialDelay, Duration maxDelay, double multiplier) {
    /** Until three days have passed: longer than a weekend. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(0, Duration.ofDays(3), Duration.ofSeconds(1), Duration.ofMinutes(15), 2);

    /** A single attempt. */
    public static final RetryPolicy NEVER =
            new RetryPolicy(1, Duration.ofDays(3), Duration.ofSeconds(1), Duration.ofSeconds(1), 1);

    public RetryPolicy {
        if (maxAttempts < 0) {
            throw new IllegalArgumentException("max_attempts: " + maxAttempts + " (expected: >= 0)");
        }
        if (multiplier < 1) {
            throw new IllegalArgumentException("backoff_multiplier: " + multiplier + " (expected: >= 1)");
        }
    }
}
