package io.sluice.proxy.pool;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.Optional;

/**
 * How much of its weight counts while a backend warms up: {@code max(min-weight, (elapsed / window)^(1 / aggression))}, the formula of Envoy.
 *
 * @param window until all of it counts
 * @param aggression 1: rises evenly; more: faster at first
 * @param minWeightPercent what counts at least
 */
public record SlowStart(Duration window, double aggression, int minWeightPercent) {
    public static final double DEFAULT_AGGRESSION = 1;
    public static final int DEFAULT_MIN_WEIGHT = 10;
    private static final int ALL = 1_000;
    /** Shares move in steps of a fiftieth, so that few different ones are about at a time. */
    private static final int STEP = 20;

    public SlowStart {
        if (window.isZero() || window.isNegative()) {
            throw new IllegalArgumentException("window: " + window + " (expected: > 0s)");
        }
        if (!(aggression > 0)) {
            throw new IllegalArgumentException("aggression: " + aggression + " (expected: > 0)");
        }
        if (minWeightPercent < 1 || minWeightPercent > 100) {
            throw new IllegalArgumentException("min-weight: " + minWeightPercent + " (expected: 1-100)");
        }
    }

    /** Reads {@code window}, {@code aggression} and {@code min-weight}; empty when there is no {@code window}. */
    public static Optional<SlowStart> read(SettingsReader reader) {
        Duration window = reader.duration("window", Duration.ofSeconds(30), Duration.ofMillis(100));
        double aggression = reader.number("aggression", DEFAULT_AGGRESSION, 0.01, 100);
        int minWeight = reader.integer("min-weight", DEFAULT_MIN_WEIGHT, 1, 100);
        if (!reader.has("window")) {
            if (reader.has("aggression") || reader.has("min-weight")) {
                reader.problem("window", null, "how long a slow start takes");
            }
            return Optional.empty();
        }
        return Optional.of(new SlowStart(window, aggression, minWeight));
    }

    /** Thousandths of its weight that count so long after it came in; all from the window's end on. */
    public int thousandths(Duration elapsed) {
        if (elapsed.compareTo(window) >= 0) {
            return ALL;
        }
        double passed = Math.max(0, elapsed.toNanos()) / (double) window.toNanos();
        long risen = Math.round(Math.pow(passed, 1 / aggression) * ALL / STEP) * STEP;
        return (int) Math.max(minWeightPercent * (ALL / 100L), risen);
    }
}
