package io.sluice.instance.configuration;

import io.sluice.service.settings.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** A server that steps may name. {@code host} and {@code port} are where it is reached. */
public sealed interface Connection {
    String name();

    /** Kind of server, as in configuration files. */
    String type();

    String host();

    int port();

    /** An HTTP server; steps take over its headers, timeout and base URL (already merged into {@link ModuleSettings.HttpWebhook}). */
    record Http(String name, URI baseUrl, Map<String, Secret> headers, Duration timeout) implements Connection {
        public Http {
            headers = Map.copyOf(headers);
        }

        @Override
        public String type() {
            return "http";
        }

        @Override
        public String host() {
            return baseUrl.getHost();
        }

        @Override
        public int port() {
            int port = baseUrl.getPort();
            return port != -1 ? port : "https".equals(baseUrl.getScheme()) ? 443 : 80;
        }
    }

    /** A connection of a kind that is checked, and probed for reachability, but that no module here uses. */
    record Declared(String name, String type, String host, int port) implements Connection {}
}
