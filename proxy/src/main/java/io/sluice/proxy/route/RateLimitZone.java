package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts requests by some key; limits that name the same zone share its counts.
 *
 * @param name unique
 * @param rate requests per 1,000 seconds that a key may make
 * @param header whose value is the key if {@code key} is {@link Key#HEADER}; else empty
 * @param keys how many keys are remembered; beyond that the ones that have been silent longest are forgotten
 */
public record RateLimitZone(String name, Key key, String header, long rate, int keys) {
    /** What requests are told apart by. */
    public enum Key {
        CLIENT_IP,
        /** A request header; requests without it are not limited. */
        HEADER,
        /** All requests of a route together. */
        ROUTE
    }

    private static final int KEYS = 65_536;
    private static final long MAX_RATE = 1_000_000_000;
    private static final Pattern RATE = Pattern.compile("([0-9]{1,7})/([sm])");

    /** Reads {@code key} (client-ip, route, or {@code header:NAME}), {@code rate} (such as 10/s or 30/m) and {@code max-keys}. */
    public static RateLimitZone read(String name, SettingsReader reader) {
        String key = reader.text("key", "client-ip");
        String rate = reader.requiredText("rate");
        Matcher matcher = RATE.matcher(rate);
        long thousandths = matcher.matches() ? thousandths(matcher) : 0;
        if ((thousandths <= 0 || thousandths > MAX_RATE) && !rate.isEmpty()) {
            reader.problem("rate", rate, "requests a second or minute, such as 10/s or 30/m");
        }
        boolean header = key.matches("header:[A-Za-z0-9!#$%&'*+.^_`|~-]+");
        if (!header && !key.equals("client-ip") && !key.equals("route")) {
            reader.problem("key", key, "client-ip, route or header:NAME");
        }
        return new RateLimitZone(
                name,
                header ? Key.HEADER : key.equals("route") ? Key.ROUTE : Key.CLIENT_IP,
                header ? key.substring("header:".length()).toLowerCase(Locale.ROOT) : "",
                Math.max(1, thousandths),
                reader.integer("max-keys", KEYS, 16, 10_000_000));
    }

    private static long thousandths(Matcher matcher) {
        long count = Long.parseLong(matcher.group(1)) * 1000;
        return matcher.group(2).equals("s") ? count : count / 60;
    }
}
