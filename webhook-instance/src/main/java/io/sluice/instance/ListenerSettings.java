package io.sluice.instance;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * The one port of an instance.
 *
 * @param port 0 takes a free one
 * @param eventLoops threads that serve it
 * @param maxConnections above these, new ones are closed at once
 * @param idleTimeout after which a connection without a request is closed, however slowly the next one comes in; longer than a proxy
 *     keeps its own idle connections, so that it is never the instance that closes one that is just being used
 * @param headTimeout in which the first request's head has to be complete
 * @param maxUriBytes longest request line
 * @param maxHeaderBytes largest header section
 * @param maxHeaders most header fields of a request
 */
public record ListenerSettings(
        String host,
        int port,
        int eventLoops,
        int maxConnections,
        Duration idleTimeout,
        Duration headTimeout,
        int maxUriBytes,
        int maxHeaderBytes,
        int maxHeaders) {
    private static final String DEFAULT_HOST = "127.0.0.1";
    private static final int DEFAULT_PORT = 8000;
    private static final int MAX_CONNECTIONS = 10_000;

    /** The proxy's is 55 s. */
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(75);

    /** As at the proxy; a head is a few packets. */
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(15);

    private static final int MAX_URI = 8 << 10;

    /** What a proxy in front lets through, and what it adds. */
    private static final int MAX_HEADER = 40 << 10;

    /** Senders use about 20, proxies add up to 10. */
    private static final int MAX_HEADERS = 100;

    public static ListenerSettings loopback(int port) {
        return new ListenerSettings(
                DEFAULT_HOST,
                port,
                defaultEventLoops(),
                MAX_CONNECTIONS,
                IDLE_TIMEOUT,
                HEAD_TIMEOUT,
                MAX_URI,
                MAX_HEADER,
                MAX_HEADERS);
    }

    /** The same on another address. */
    public ListenerSettings withHost(String other) {
        return new ListenerSettings(
                other,
                port,
                eventLoops,
                maxConnections,
                idleTimeout,
                headTimeout,
                maxUriBytes,
                maxHeaderBytes,
                maxHeaders);
    }

    /** The same with other limits of time. */
    public ListenerSettings withTimeouts(Duration idle, Duration head) {
        return new ListenerSettings(
                host, port, eventLoops, maxConnections, idle, head, maxUriBytes, maxHeaderBytes, maxHeaders);
    }

    /**
     * Reads {@code host}, {@code port}, {@code event-loops}, {@code max-connections}, {@code idle-timeout}, {@code head-timeout}, {@code
     * max-uri}, {@code max-header} and {@code max-headers}.
     */
    static ListenerSettings read(SettingsReader reader) {
        return new ListenerSettings(
                reader.text("host", DEFAULT_HOST),
                reader.integer("port", DEFAULT_PORT, 0, 65_535),
                reader.integer("event-loops", defaultEventLoops(), 1, 256),
                reader.integer("max-connections", MAX_CONNECTIONS, 1, 1_000_000),
                reader.duration("idle-timeout", IDLE_TIMEOUT, Duration.ofSeconds(1)),
                reader.duration("head-timeout", HEAD_TIMEOUT, Duration.ofMillis(1)),
                (int) Math.min(1 << 20, reader.bytes("max-uri", MAX_URI, 128)),
                (int) Math.min(1 << 24, reader.bytes("max-header", MAX_HEADER, 1024)),
                reader.integer("max-headers", MAX_HEADERS, 1, 10_000));
    }

    private static int defaultEventLoops() {
        return Runtime.getRuntime().availableProcessors();
    }
}
