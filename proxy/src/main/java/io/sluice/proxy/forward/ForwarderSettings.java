package io.sluice.proxy.forward;

import io.sluice.proxy.route.PathNormalizer;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What all exchanges of a listener share.
 *
 * @param healthPaths where the proxy answers for itself, without a log line
 * @param viaName how this proxy calls itself in {@code Via}
 * @param trustedPeers whose {@code X-Forwarded-*}, {@code Forwarded} and {@code X-Request-ID} are believed
 * @param tunnelCloseWindow over which time the tunnels that have to go are spread
 * @param maxBufferedBytes beyond what is in buffers altogether, new requests are refused
 */
public record ForwarderSettings(
        List<String> healthPaths,
        String viaName,
        TrustedPeers trustedPeers,
        UpstreamSettings upstream,
        Duration tunnelCloseWindow,
        TracingSettings tracing,
        long maxBufferedBytes) {
    private static final String HEALTH_PATH = "/proxy-health";
    private static final String VIA_NAME = "sluice";
    /** Of what this process may use, which bounds its buffers too: the rest is for whatever is on its way already. */
    private static final long MAX_BUFFERED = Runtime.getRuntime().maxMemory() / 4 * 3;

    private static final long LEAST_BUFFERED = 1L << 20;
    private static final Duration TUNNEL_CLOSE_WINDOW = Duration.ofSeconds(10);

    public ForwarderSettings {
        healthPaths = List.copyOf(healthPaths);
    }

    /**
     * Reads {@code health-path}, {@code health-aliases}, {@code via}, {@code trusted-peers}, {@code tunnel-close-window}, {@code max-buffered} and the
     * sections {@code upstream} and {@code tracing}.
     */
    public static ForwarderSettings read(SettingsReader reader) {
        return new ForwarderSettings(
                healthPaths(reader),
                reader.text("via", VIA_NAME),
                trustedPeers(reader),
                UpstreamSettings.read(reader.section("upstream")),
                reader.duration("tunnel-close-window", TUNNEL_CLOSE_WINDOW, Duration.ZERO),
                TracingSettings.read(reader.section("tracing")),
                reader.bytes("max-buffered", MAX_BUFFERED, LEAST_BUFFERED));
    }

    private static List<String> healthPaths(SettingsReader reader) {
        List<String> paths = new ArrayList<>();
        paths.add(reader.text("health-path", HEALTH_PATH));
        for (String alias : reader.texts("health-aliases")) {
            if (!alias.equals(PathNormalizer.normalize(alias))) {
                reader.problem(
                        "health-aliases",
                        alias,
                        "paths that begin with / and have no escapes, dot segments or double slashes");
            }
            paths.add(alias);
        }
        return paths;
    }

    private static TrustedPeers trustedPeers(SettingsReader reader) {
        List<String> blocks = reader.texts("trusted-peers");
        try {
            return TrustedPeers.of(blocks);
        } catch (IllegalArgumentException malformed) {
            reader.problem("trusted-peers", blocks, "address blocks such as 10.0.0.0/8 or fd00::/8");
            return TrustedPeers.none();
        }
    }
}
