package io.sluice.instance;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * The one port of an instance.
 *
 * @param port 0 takes a free one
 * @param eventLoops threads that serve it
 * @param maxConnections above these, new ones are closed at once
 * @param idleTimeout after which a connection without traffic is closed; longer than a proxy keeps its own idle connections, so that
 *     it is never the instance that closes one that is just being used
 */
public record ListenerSettings(String host, int port, int eventLoops, int maxConnections, Duration idleTimeout) {
    private static final String DEFAULT_HOST = "127.0.0.1";
    private static final int DEFAULT_PORT = 8000;
    private static final int MAX_CONNECTIONS = 10_000;

    /** The proxy's is 55 s. */
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(75);

    public static ListenerSettings loopback(int port) {
        return new ListenerSettings(DEFAULT_HOST, port, defaultEventLoops(), MAX_CONNECTIONS, IDLE_TIMEOUT);
    }

    /** Reads {@code host}, {@code port}, {@code event-loops}, {@code max-connections} and {@code idle-timeout}. */
    static ListenerSettings read(SettingsReader reader) {
        return new ListenerSettings(
                reader.text("host", DEFAULT_HOST),
                reader.integer("port", DEFAULT_PORT, 0, 65_535),
                reader.integer("event-loops", defaultEventLoops(), 1, 256),
                reader.integer("max-connections", MAX_CONNECTIONS, 1, 1_000_000),
                reader.duration("idle-timeout", IDLE_TIMEOUT, Duration.ofSeconds(1)));
    }

    private static int defaultEventLoops() {
        return Runtime.getRuntime().availableProcessors();
    }
}
