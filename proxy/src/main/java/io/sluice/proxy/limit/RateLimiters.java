package io.sluice.proxy.limit;

import io.sluice.proxy.route.RateLimit;
import io.sluice.proxy.route.RateLimitZone;
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
    private final KeyHash hash;
    private final LongSupplier nanoTime;
    private final long epoch;

    /** @param nanoTime monotonic */
    public RateLimiters(RouteTable routes, LongSupplier nanoTime) {
        this(routes, Map.of(), new KeyHash(new SecureRandom()), nanoTime, nanoTime.getAsLong());
    }

    private RateLimiters(
            RouteTable routes, Map<String, RateLimiter> before, KeyHash hash, LongSupplier nanoTime, long epoch) {
        this.hash = hash;
        this.nanoTime = nanoTime;
        this.epoch = epoch;
        for (Route route : routes.routes()) {
            for (RateLimit limit : route.rules().rateLimits()) {
                byZone.computeIfAbsent(limit.zone().name(), name -> limiter(limit.zone(), before.get(name)));
            }
        }
    }

    private static RateLimiter limiter(RateLimitZone zone, @Nullable RateLimiter before) {
        return before != null && before.zone().equals(zone) ? before : new RateLimiter(zone);
    }

    /** Those of other routes. Zones that are the same go on counting where they are. */
    public RateLimiters of(RouteTable routes) {
        return new RateLimiters(routes, byZone, hash, nanoTime, epoch);
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
