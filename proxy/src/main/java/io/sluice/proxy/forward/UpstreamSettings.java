package io.sluice.proxy.forward;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How connections to backends are kept.
 *
 * @param maxIdlePerBackend per event loop
 * @param idleTimeout how long an unused one is kept; has to be below the backend's own idle timeout, or the proxy meets closed connections
 * @param freshness how long ago a connection may have been used last to be trusted with a request that cannot be repeated
 * @param pingInterval how long the other end of an HTTP/2 connection may be silent before it is asked whether it is there; zero: it is never asked
 * @param pingTimeout how long its answer is waited for, until the connection is given up
 */
public record UpstreamSettings(
        int maxIdlePerBackend, Duration idleTimeout, Duration freshness, Duration pingInterval, Duration pingTimeout) {
    private static final int MAX_IDLE = 64;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration FRESHNESS = Duration.ofSeconds(2);
    /** Twice within the time that an unused connection is kept. */
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    private static final Duration PING_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SHORTEST_PING_TIMEOUT = Duration.ofMillis(10);

    /** Reads {@code max-idle}, {@code idle-timeout}, {@code freshness}, {@code ping-interval}, {@code ping-timeout}. */
    static UpstreamSettings read(SettingsReader reader) {
        return new UpstreamSettings(
                reader.integer("max-idle", MAX_IDLE, 0, 10_000),
                reader.duration("idle-timeout", IDLE_TIMEOUT, Duration.ZERO),
                reader.duration("freshness", FRESHNESS, Duration.ZERO),
                reader.duration("ping-interval", PING_INTERVAL, Duration.ZERO),
                reader.duration("ping-timeout", PING_TIMEOUT, SHORTEST_PING_TIMEOUT));
    }
}
