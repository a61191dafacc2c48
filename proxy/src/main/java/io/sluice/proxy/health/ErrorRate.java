package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * The share of failed answers (5xx and transport errors) at which a backend is put aside.
 *
 * @param percent 0 never puts aside
 * @param minRequests fewer than these in the window say nothing
 * @param window from the first failure on
 */
public record ErrorRate(int percent, int minRequests, Duration window) {
    public static final ErrorRate OFF = new ErrorRate(0, 20, Duration.ofSeconds(10));

    /** Reads {@code percent}, {@code min-requests} and {@code window}; off without {@code percent}. */
    static ErrorRate read(SettingsReader reader) {
        return new ErrorRate(
                reader.integer("percent", OFF.percent, 0, 100),
                reader.integer("min-requests", OFF.minRequests, 1, 1_000_000),
                reader.duration("window", OFF.window, Duration.ofMillis(10)));
    }

    boolean isOn() {
        return percent > 0;
    }

    boolean isReachedBy(long failures, long requests) {
        return isOn() && requests >= minRequests && failures * 100 >= percent * requests;
    }
}
