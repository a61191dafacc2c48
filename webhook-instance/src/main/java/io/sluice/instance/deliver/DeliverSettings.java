package io.sluice.instance.deliver;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * Limits of delivery.
 *
 * @param concurrency attempts running at a time
 * @param perStep of these, for one step of one webhook: what a target that hangs can take from the others
 * @param stopTimeout how long running attempts may go on when the process stops; what is cut is made again after the restart
 */
public record DeliverSettings(int concurrency, int perStep, Duration stopTimeout) {
    private static final int CONCURRENCY = 64;
    private static final int PER_STEP = 16;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    public static DeliverSettings defaults() {
        return new DeliverSettings(CONCURRENCY, PER_STEP, STOP_TIMEOUT);
    }

    /** Reads {@code concurrency}, {@code per-step} and {@code stop-timeout}. */
    public static DeliverSettings read(SettingsReader reader) {
        return new DeliverSettings(
                reader.integer("concurrency", CONCURRENCY, 1, 10_000),
                reader.integer("per-step", PER_STEP, 1, 10_000),
                reader.duration("stop-timeout", STOP_TIMEOUT, Duration.ZERO));
    }
}
