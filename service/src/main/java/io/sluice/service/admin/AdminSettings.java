package io.sluice.service.admin;

import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where and for whom an admin server listens.
 *
 * @param port 0 takes a free one
 * @param allowedHosts further names by which callers may address it (in their {@code Host}), besides loopback's and {@code host} itself
 * @param token absent: everything that is not open is refused
 * @param requestTimeout how long a request's head, and then its body, may take to arrive
 */
public record AdminSettings(
        String host,
        int port,
        List<String> allowedHosts,
        @Nullable Secret token,
        long maxBodyBytes,
        int maxConnections,
        Duration requestTimeout) {
    /** Reached from this machine only. */
    public static final String DEFAULT_HOST = "127.0.0.1";

    /** A bundle of webhooks with connections is tens of KiB; this leaves room without letting one caller take the heap. */
    public static final long DEFAULT_MAX_BODY_BYTES = 4L << 20;

    /** Operators, their scripts, dashboards and long polls; each connection costs memory. */
    public static final int DEFAULT_MAX_CONNECTIONS = 512;

    /** Generous for 4 MiB over a bad line, short against a caller that trickles. */
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(30);

    public AdminSettings {
        allowedHosts = List.copyOf(allowedHosts);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
        }
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException("max-body: " + maxBodyBytes + " (expected: >= 1)");
        }
    }

    /** Loopback on {@code port} with the default limits. */
    public static AdminSettings loopback(int port, @Nullable Secret token) {
        return new AdminSettings(
                DEFAULT_HOST,
                port,
                List.of(),
                token,
                DEFAULT_MAX_BODY_BYTES,
                DEFAULT_MAX_CONNECTIONS,
                DEFAULT_REQUEST_TIMEOUT);
    }

    /** Reads {@code host}, {@code port}, {@code allowed-hosts}, {@code token} (or {@code token-file}), {@code max-body} and the like. */
    public static AdminSettings read(SettingsReader reader, int defaultPort, String tokenVariable) {
        return new AdminSettings(
                reader.text("host", DEFAULT_HOST),
                reader.integer("port", defaultPort, 0, 65_535),
                reader.texts("allowed-hosts"),
                reader.secret("token", tokenVariable).orElse(null),
                reader.bytes("max-body", DEFAULT_MAX_BODY_BYTES, 1024),
                reader.integer("max-connections", DEFAULT_MAX_CONNECTIONS, 1, 100_000),
                reader.duration("request-timeout", DEFAULT_REQUEST_TIMEOUT, Duration.ofSeconds(1)));
    }

    public AdminSettings withPort(int newPort) {
        return new AdminSettings(host, newPort, allowedHosts, token, maxBodyBytes, maxConnections, requestTimeout);
    }

    public AdminSettings withToken(Secret newToken) {
        return new AdminSettings(host, port, allowedHosts, newToken, maxBodyBytes, maxConnections, requestTimeout);
    }
}
