package io.sluice.proxy.registration;

import io.sluice.proxy.forward.TrustedPeers;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who may register with a pool.
 *
 * @param token lets instances register with this pool, and nothing else
 * @param networks where they may be, in CIDR notation; empty: nowhere
 * @param ttl how long a registration holds without a heartbeat
 * @param maxBackends how many may be registered at once
 * @param maxRemovalPercent when more than so much of the registrations have run out, the proxy believes to be cut off and keeps them
 */
public record RegistrationSettings(
        Secret token, List<String> networks, Duration ttl, int maxBackends, int maxRemovalPercent) {
    /** Where the token comes from, if not from a file; also with {@code _FILE}. One for all pools. */
    public static final String TOKEN_VARIABLE = "SLUICE_PROXY_REGISTRATION_TOKEN";

    /** Three heartbeats of ten seconds. */
    private static final Duration TTL = Duration.ofSeconds(30);

    private static final Duration LEAST_TTL = Duration.ofMillis(500);
    private static final int MAX_BACKENDS = 256;
    private static final int MAX_REMOVAL_PERCENT = 50;

    public RegistrationSettings {
        networks = List.copyOf(networks);
    }

    /** Reads the section {@code registration} of a pool; empty when it has none. */
    public static Optional<RegistrationSettings> read(SettingsReader pool) {
        SettingsReader reader = pool.section("registration");
        if (!pool.has("registration")) {
            return Optional.empty();
        }
        boolean inline = reader.has("token");
        Optional<Secret> token = reader.secret("token", TOKEN_VARIABLE);
        if (inline) {
            reader.problem("token", null, "token-file: this file is shown to others");
        } else if (token.isEmpty() && !reader.has("token-file")) {
            reader.problem("token-file", null, "a file with the token that lets instances register");
        }
        RegistrationSettings settings = new RegistrationSettings(
                token.orElseGet(() -> Secret.of("-")),
                networks(reader),
                reader.duration("ttl", TTL, LEAST_TTL),
                reader.integer("max-backends", MAX_BACKENDS, 1, 10_000),
                reader.integer("max-removal", MAX_REMOVAL_PERCENT, 1, 100));
        return Optional.of(settings);
    }

    private static List<String> networks(SettingsReader reader) {
        List<String> networks = reader.texts("networks");
        try {
            TrustedPeers.of(networks);
            return networks;
        } catch (IllegalArgumentException e) {
            reader.problem("networks", networks, String.valueOf(e.getMessage()));
            return List.of();
        }
    }
}
