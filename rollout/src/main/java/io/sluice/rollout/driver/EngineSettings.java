package io.sluice.rollout.driver;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the engine.
 *
 * @param data its folder: {@code journal/} and {@code configs/} inside belong to it alone
 * @param maxAway an engine that was away for longer does not go on forward by itself
 */
public record EngineSettings(Path data, Duration maxAway) {
    /** Longer, and whoever started the rollout has gone home. */
    public static final Duration DEFAULT_MAX_AWAY = Duration.ofMinutes(15);

    public EngineSettings {
        if (maxAway.isNegative()) {
            throw new IllegalArgumentException("recovery.max-age: " + maxAway + " (expected: >= 0s)");
        }
    }
}
