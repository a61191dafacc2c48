package io.sluice.proxy.listener;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * What one client may do to the listener.
 *
 * @param maxConnections that one address may have open, trusted peers excepted; more are closed as soon as they are accepted; 0 for any number
 * @param minBodyBytesPerSecond how fast a request body has to come on average while it is waited for; 0 for any rate
 * @param bodyGrace how long that is not looked at
 */
public record ClientLimits(int maxConnections, long minBodyBytesPerSecond, Duration bodyGrace) {
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** Reads {@code max-connections-per-client}, {@code min-body-rate} (bytes a second) and {@code min-body-rate-grace}. */
    static ClientLimits read(SettingsReader reader) {
        return new ClientLimits(
                reader.integer("max-connections-per-client", 0, 0, 10_000_000),
                reader.bytes("min-body-rate", 0, 0),
                reader.duration("min-body-rate-grace", GRACE, Duration.ZERO));
    }
}
