package io.sluice.instance;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How an instance goes out of service.
 *
 * @param grace for which requests are still taken after a drain began, when the caller does not say
 * @param shutdownGrace the same when the process is told to stop
 * @param shutdownTimeout how long a stop waits for running requests, the grace not counted
 */
public record DrainSettings(Duration grace, Duration shutdownGrace, Duration shutdownTimeout) {
    /** Longer than most balancers take to notice a 503 of the health check. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** A proxy that checks every second notices; one that replays what was not accepted loses nothing anyway. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(1);

    /** With the grace and the end of deliveries it stays below the 30 s after which a process is killed. */
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(12);

    public static DrainSettings defaults() {
        return new DrainSettings(GRACE, SHUTDOWN_GRACE, SHUTDOWN_TIMEOUT);
    }

    /** Reads {@code grace}, {@code shutdown-grace} and {@code shutdown-timeout}. */
    static DrainSettings read(SettingsReader reader) {
        return new DrainSettings(
                reader.duration("grace", GRACE, Duration.ZERO),
                reader.duration("shutdown-grace", SHUTDOWN_GRACE, Duration.ZERO),
                reader.duration("shutdown-timeout", SHUTDOWN_TIMEOUT, Duration.ZERO));
    }

    /** The longest that the listener takes to stop. */
    Duration longestStop() {
        return shutdownGrace.plus(shutdownTimeout).plusSeconds(3);
    }
}
