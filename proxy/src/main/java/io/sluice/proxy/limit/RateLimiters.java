package io.sluice.proxy.limit;

import io.sluice.proxy.route.RateLimit;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** All zones that a listener's routes name. Thread-safe. */
public final class RateLimiters {
    private final Map<String, RateLimiter> byZone = new LinkedHashMap<>();
    private final KeyHash hash = new KeyHash(new SecureRandom());
    private final LongSupplier nanoTime;
    private final long epoch;

    /** @param nanoTime monotonic */
    public RateLimiters(RouteTable routes, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.epoch = nanoTime.getAsLong();
        for (Route route : routes.routes()) {
            for (RateLimit limit : route.rules().rateLimits()) {
                byZone.computeIfAbsent(limit.zone().name(), name -> new RateLimiter(limit.zone()));
            }
        }
    }

    /** The limits of a route; null when it has none. */
    public @Nullable RouteLimits of(Route route) {
        List<RateLimit> limits = route.rules().rateLimits();
        return limits.isEmpty()
                ? null
                : new RouteLimits(
                        limits,
                        limits.stream()
                                .map(limit -> Objects.requireNonNull(
                                        byZone.get(limit.zone().name())))
                                .toList());
    }

    public Collection<RateLimiter> all() {
        return List.copyOf(byZone.values());
    }

    /** The number that stands for a key. */
    public long key(String text) {
        return hash.of(text);
    }

    /** The time that limits reckon with. */
    public long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - epoch);
    }
}
