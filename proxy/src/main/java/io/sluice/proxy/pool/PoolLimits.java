package io.sluice.proxy.pool;

import org.jspecify.annotations.Nullable;

/**
 * How much a pool takes, and when it overlooks health; the file alone decides it.
 *
 * @param maxInFlight how many requests a backend that does not say so itself runs at once at most; absent: as many as come
 * @param queueLimit how many requests may wait for a backend at once
 * @param panicThreshold when fewer than so many percent of the backends that could serve are well, health is overlooked for all; 0: only when
 *     none is
 */
public record PoolLimits(@Nullable Integer maxInFlight, int queueLimit, int panicThreshold) {
    /** Enough for a burst; more would only wait for its timeout. */
    public static final int DEFAULT_QUEUE_LIMIT = 1_000;

    public static final PoolLimits NONE = new PoolLimits(null, DEFAULT_QUEUE_LIMIT, 0);

    public PoolLimits {
        if (maxInFlight != null && (maxInFlight < 1 || maxInFlight > BackendSettings.MOST_IN_FLIGHT)) {
            throw new IllegalArgumentException(
                    "max-in-flight: " + maxInFlight + " (expected: 1-" + BackendSettings.MOST_IN_FLIGHT + ")");
        }
        if (queueLimit < 0) {
            throw new IllegalArgumentException("queue-limit: " + queueLimit + " (expected: >= 0)");
        }
        if (panicThreshold < 0 || panicThreshold > 100) {
            throw new IllegalArgumentException("panic-threshold: " + panicThreshold + " (expected: 0-100)");
        }
    }
}
