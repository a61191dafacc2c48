package io.sluice.rollout.catchup;

import io.sluice.service.settings.SettingsReader;
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

    private static final Duration SHORTEST = Duration.ofMillis(10);

    /** Reads {@code interval}, {@code first-backoff} and {@code max-backoff}. */
    public static CatchUpSettings read(SettingsReader reader) {
        return new CatchUpSettings(
                reader.duration("interval", DEFAULT_INTERVAL, SHORTEST),
                reader.duration("first-backoff", DEFAULT_FIRST_BACKOFF, SHORTEST),
                reader.duration("max-backoff", DEFAULT_MAX_BACKOFF, SHORTEST));
    }

    public static CatchUpSettings defaults() {
        return new CatchUpSettings(DEFAULT_INTERVAL, DEFAULT_FIRST_BACKOFF, DEFAULT_MAX_BACKOFF);
    }

    Duration backoff(int failures) {
        Duration doubled = firstBackoff.multipliedBy(1L << Math.min(failures - 1, 20));
        return doubled.compareTo(maxBackoff) > 0 ? maxBackoff : doubled;
    }
}
