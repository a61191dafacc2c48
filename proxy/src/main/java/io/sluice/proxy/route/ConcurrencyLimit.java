package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.Locale;

/**
 * How many requests of a route may run at once for each key; tunnels count as long as they are open.
 *
 * @param header whose value is the key if {@code key} is {@link RateLimitZone.Key#HEADER}; else empty
 */
public record ConcurrencyLimit(RateLimitZone.Key key, String header, int limit) {
    private static final String HEADER_PREFIX = "header:";
    private static final int MOST = 1_000_000;

    /** Reads {@code key} (client-ip, route, or {@code header:NAME}) and {@code limit}. */
    static ConcurrencyLimit read(SettingsReader reader) {
        String key = reader.text("key", "client-ip");
        boolean header = key.matches("header:[A-Za-z0-9!#$%&'*+.^_`|~-]+");
        if (!header && !key.equals("client-ip") && !key.equals("route")) {
            reader.problem("key", key, "client-ip, route or header:NAME");
        }
        if (!reader.has("limit")) {
            reader.problem("limit", null, "how many requests may run at once: this key is required");
        }
        int limit = reader.integer("limit", 1, 1, MOST);
        if (header) {
            String name = key.substring(HEADER_PREFIX.length()).toLowerCase(Locale.ROOT);
            return new ConcurrencyLimit(RateLimitZone.Key.HEADER, name, limit);
        }
        RateLimitZone.Key kind = key.equals("route") ? RateLimitZone.Key.ROUTE : RateLimitZone.Key.CLIENT_IP;
        return new ConcurrencyLimit(kind, "", limit);
    }
}
