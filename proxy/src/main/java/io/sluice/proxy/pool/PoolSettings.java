package io.sluice.proxy.pool;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool as a file describes it.
 *
 * @param minInService the floor; absent means all but one, at least one
 * @param drainTimeout how long a drain may take when its caller does not say
 * @param ignoreHealthWhenNoneLeft whether backends that are down or ejected serve when nobody else could
 * @param waitForFirstPass whether a new backend gets nothing before its first passing check; needs checks
 * @param limits how much it takes
 */
public record PoolSettings(
        String name,
        List<BackendSettings> backends,
        @Nullable Integer minInService,
        Duration drainTimeout,
        boolean ignoreHealthWhenNoneLeft,
        boolean waitForFirstPass,
        PoolLimits limits) {
    /** As long as the slowest webhook is expected to take. */
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(30);

    public PoolSettings {
        backends = List.copyOf(backends);
        if (minInService != null && minInService < 1) {
            throw new IllegalArgumentException("min-in-service: " + minInService + " (expected: >= 1)");
        }
    }

    /** One that takes as much as comes. */
    public PoolSettings(
            String name,
            List<BackendSettings> backends,
            @Nullable Integer minInService,
            Duration drainTimeout,
            boolean ignoreHealthWhenNoneLeft,
            boolean waitForFirstPass) {
        this(name, backends, minInService, drainTimeout, ignoreHealthWhenNoneLeft, waitForFirstPass, PoolLimits.NONE);
    }

    public PoolSettings withLimits(PoolLimits changed) {
        return new PoolSettings(
                name, backends, minInService, drainTimeout, ignoreHealthWhenNoneLeft, waitForFirstPass, changed);
    }

    /** A pool with every default and no checks, so that its backends are eligible at once. */
    public static PoolSettings of(String name, List<BackendSettings> backends) {
        return new PoolSettings(name, backends, null, DEFAULT_DRAIN_TIMEOUT, true, false);
    }
}
