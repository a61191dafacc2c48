package io.sluice.proxy.forward;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How connections to backends are kept.
 *
 * @param maxIdlePerBackend per event loop
 * @param idleTimeout how long an unused one is kept; has to be below the backend's own idle timeout, or the proxy meets closed connections
 * @param freshness how long ago a connection may have been used last to be trusted with a request that cannot be repeated
 */
public record UpstreamSettings(int maxIdlePerBackend, Duration idleTimeout, Duration freshness) {
    private static final int MAX_IDLE = 64;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration FRESHNESS = Duration.ofSeconds(2);

    /** Reads {@code max-idle}, {@code idle-timeout}, {@code freshness}. */
    static UpstreamSettings read(SettingsReader reader) {
        return new UpstreamSettings(
                reader.integer("max-idle", MAX_IDLE, 0, 10_000),
                reader.duration("idle-timeout", IDLE_TIMEOUT, Duration.ZERO),
                reader.duration("freshness", FRESHNESS, Duration.ZERO));
    }
}
