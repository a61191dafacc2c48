package io.sluice.proxy.listener;

import io.sluice.proxy.forward.ForwarderSettings;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * The public listener.
 *
 * @param port where HTTP is spoken without TLS; 0 takes a free one, {@link #NO_PORT} is none
 * @param eventLoops 0 means one per core
 * @param maxConnections more are closed as soon as they are accepted
 * @param headTimeout how long a new connection may take to send its first request head
 * @param keepAliveTimeout how long a connection may be idle between two requests, the head of the second included
 * @param maxUriBytes longest request line
 * @param maxHeaderBytes largest header section
 * @param maxHeaders most header fields
 * @param replayMemoryBytes what all request bodies that are kept for a retry may take together
 * @param lameDuck how long the listener goes on accepting after it was asked to stop, while its health check says 503
 * @param stopTimeout how long running exchanges get to finish after that
 */
public record ListenerSettings(
        String host,
        int port,
        int eventLoops,
        int maxConnections,
        Duration headTimeout,
        Duration keepAliveTimeout,
        int maxUriBytes,
        int maxHeaderBytes,
        int maxHeaders,
        long replayMemoryBytes,
        Duration lameDuck,
        Duration stopTimeout,
        ForwarderSettings forwarder,
        ClientLimits clientLimits,
        ProtocolSettings protocols) {
    /** In place of a port: there is none. */
    public static final int NO_PORT = -1;

    private static final String HOST = "0.0.0.0";
    private static final int PORT = 80;
    /** At some 20 KiB each. */
    private static final int MAX_CONNECTIONS = 20_000;

    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(75);
    private static final int MAX_URI = 8 * 1024;
    private static final int MAX_HEADER = 32 * 1024;
    private static final int MAX_HEADERS = 200;
    private static final long REPLAY_MEMORY = 64L << 20;
    private static final Duration LAME_DUCK = Duration.ZERO;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    /**
     * Reads {@code host}, {@code port}, {@code event-loops}, {@code max-connections}, {@code head-timeout}, {@code keep-alive-timeout},
     * {@code max-uri}, {@code max-header}, {@code max-headers}, {@code replay-memory}, {@code lame-duck}, {@code stop-timeout}, and what {@link
     * ForwarderSettings#read}, {@link ClientLimits#read} and {@link ProtocolSettings#read} do. Without a {@code port} there is one only if
     * there is no TLS either.
     */
    public static ListenerSettings read(SettingsReader reader) {
        Duration least = Duration.ofMillis(1);
        ProtocolSettings protocols = ProtocolSettings.read(reader);
        boolean plain = reader.has("port") || protocols.tls() == null;
        return new ListenerSettings(
                reader.text("host", HOST),
                plain ? reader.integer("port", PORT, 0, 65_535) : NO_PORT,
                reader.integer("event-loops", 0, 0, 1024),
                reader.integer("max-connections", MAX_CONNECTIONS, 1, 10_000_000),
                reader.duration("head-timeout", HEAD_TIMEOUT, least),
                reader.duration("keep-alive-timeout", KEEP_ALIVE, least),
                (int) Math.min(1 << 20, reader.bytes("max-uri", MAX_URI, 128)),
                (int) Math.min(1 << 24, reader.bytes("max-header", MAX_HEADER, 1024)),
                reader.integer("max-headers", MAX_HEADERS, 1, 10_000),
                reader.bytes("replay-memory", REPLAY_MEMORY, 0),
                reader.duration("lame-duck", LAME_DUCK, Duration.ZERO),
                reader.duration("stop-timeout", STOP_TIMEOUT, Duration.ZERO),
                ForwarderSettings.read(reader),
                ClientLimits.read(reader),
                protocols);
    }
}
