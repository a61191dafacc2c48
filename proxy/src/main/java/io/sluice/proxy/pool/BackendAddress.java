package io.sluice.proxy.pool;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A host (name, IPv4 or IPv6 without brackets) and a port, written {@code host:port} or {@code [ipv6]:port}. */
public record BackendAddress(String host, int port) {
    private static final int MAX_PORT = 65_535;

    public BackendAddress {
        if (host.isEmpty() || port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(host + ":" + port + " (expected: host:port with port 1-65535)");
        }
    }

    /** Reads {@code host:port}; empty when the text is not one. */
    public static Optional<BackendAddress> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        Optional<String> host = host(text.substring(0, colon));
        Optional<Integer> port = port(text.substring(colon + 1));
        return host.isEmpty() || port.isEmpty()
                ? Optional.empty()
                : Optional.of(new BackendAddress(host.get(), port.get()));
    }

    private static Optional<String> host(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.length() > 2;
        String host = bracketed ? text.substring(1, text.length() - 1) : text;
        String allowed = bracketed ? "[0-9A-Fa-f:.%]+" : "[0-9A-Za-z._-]+";
        return host.matches(allowed) ? Optional.of(host) : Optional.empty();
    }

    private static Optional<Integer> port(String text) {
        if (!text.matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        int port = Integer.parseInt(text);
        return port < 1 || port > MAX_PORT ? Optional.empty() : Optional.of(port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** The URL of the admin API on the same host; null when its port is. */
    public @Nullable String adminUrl(@Nullable Integer adminPort) {
        return adminPort == null ? null : "http://" + new BackendAddress(host, adminPort);
    }
}
