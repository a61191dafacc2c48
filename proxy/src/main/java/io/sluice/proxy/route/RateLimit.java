package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a route allows of a zone.
 *
 * @param burst how many requests may come before their time; more are refused
 * @param delay how many of those are let through at once; the others wait until their time has come
 */
public record RateLimit(RateLimitZone zone, int burst, int delay) {
    /** Beyond it a count would not fit. */
    public static final int MAX_BURST = 100_000;

    public RateLimit {
        if (burst < 0 || burst > MAX_BURST) {
            throw new IllegalArgumentException("burst: " + burst + " (expected: 0.." + MAX_BURST + ")");
        }
    }

    /** Reads which zone, {@code burst}, {@code delay} and {@code no-delay}; null when there is no such zone. */
    static @Nullable RateLimit read(SettingsReader reader, Map<String, RateLimitZone> zones) {
        String name = reader.requiredText("zone");
        RateLimitZone zone = zones.get(name);
        int burst = reader.integer("burst", 0, 0, MAX_BURST);
        int delay = reader.integer("delay", 0, 0, MAX_BURST);
        boolean noDelay = reader.flag("no-delay", false);
        if (zone == null) {
            if (!name.isEmpty()) {
                reader.problem("zone", name, "a name under rate-limits: " + String.join(", ", zones.keySet()));
            }
            return null;
        }
        return new RateLimit(zone, burst, noDelay ? burst : delay);
    }
}
