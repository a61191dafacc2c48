package io.sluice.rollout.catchup;

import java.time.Duration;

/**
 * How often to look and how long to leave a stubborn instance alone.
 *
 * @param interval between two looks at the pools
 * @param firstBackoff after one failure, doubled for each further one
 * @param maxBackoff the longest
 */
public record CatchUpSettings(Duration interval, Duration firstBackoff, Duration maxBackoff) {
    /** An instance that came back is out of service until it was seen: look often, a look is one small request. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMillis(500);

    public static final Duration DEFAULT_FIRST_BACKOFF = Duration.ofSeconds(1);
    public static final Duration DEFAULT_MAX_BACKOFF = Duration.ofSeconds(30);

    public static CatchUpSettings defaults() {
        return new CatchUpSettings(DEFAULT_INTERVAL, DEFAULT_FIRST_BACKOFF, DEFAULT_MAX_BACKOFF);
    }

    Duration backoff(int failures) {
        Duration doubled = firstBackoff.multipliedBy(1L << Math.min(failures - 1, 20));
        return doubled.compareTo(maxBackoff) > 0 ? maxBackoff : doubled;
    }
}
