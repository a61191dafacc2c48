package io.sluice.proxy.forward;

import io.sluice.service.settings.SettingsReader;
import java.util.List;

/**
 * What all exchanges of a listener share.
 *
 * @param healthPath where the proxy answers for itself, without a log line
 * @param viaName how this proxy calls itself in {@code Via}
 * @param trustedPeers whose {@code X-Forwarded-*}, {@code Forwarded} and {@code X-Request-ID} are believed
 */
public record ForwarderSettings(
        String healthPath, String viaName, TrustedPeers trustedPeers, UpstreamSettings upstream) {
    public static final String HEALTH_PATH = "/proxy-health";
    public static final String VIA_NAME = "sluice";

    /** Reads {@code health-path}, {@code via}, {@code trusted-peers} and a section {@code upstream}. */
    public static ForwarderSettings read(SettingsReader reader) {
        return new ForwarderSettings(
                reader.text("health-path", HEALTH_PATH),
                reader.text("via", VIA_NAME),
                trustedPeers(reader),
                UpstreamSettings.read(reader.section("upstream")));
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

    public static ForwarderSettings defaults() {
        return new ForwarderSettings(HEALTH_PATH, VIA_NAME, TrustedPeers.none(), UpstreamSettings.defaults());
    }
}
