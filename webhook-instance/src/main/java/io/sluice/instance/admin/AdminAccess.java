package io.sluice.instance.admin;

import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may call.
 *
 * @param token absent: everything but health, drain-status and, from this machine, metrics is refused
 * @param allowedHosts further names by which callers without the token may address the instance, besides loopback's, its id and its address
 * @param throughProxy whether calls that came through a proxy are answered too; health always is
 * @param maxBodyBytes longest configuration that can be pushed
 * @param bodyTimeout in which a body has to be complete
 */
public record AdminAccess(
        @Nullable Secret token,
        List<String> allowedHosts,
        boolean throughProxy,
        long maxBodyBytes,
        Duration bodyTimeout) {
    /** The name that existing deployments give the token in. */
    public static final String TOKEN_VARIABLE = "CONFIG_RELOAD_ADMIN_TOKEN";

    /** Hundreds of webhooks fit; more would take the heap. */
    private static final long MAX_BODY_BYTES = 4L << 20;

    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

    public AdminAccess {
        allowedHosts = List.copyOf(allowedHosts);
    }

    public static AdminAccess withToken(@Nullable Secret token) {
        return new AdminAccess(token, List.of(), false, MAX_BODY_BYTES, BODY_TIMEOUT);
    }

    /** Reads {@code token} (or {@code token-file}), {@code allowed-hosts}, {@code through-proxy}, {@code max-body} and {@code body-timeout}. */
    public static AdminAccess read(SettingsReader reader) {
        return new AdminAccess(
                reader.secret("token", TOKEN_VARIABLE).orElse(null),
                reader.texts("allowed-hosts"),
                reader.flag("through-proxy", false),
                reader.bytes("max-body", MAX_BODY_BYTES, 1024),
                reader.duration("body-timeout", BODY_TIMEOUT, Duration.ofSeconds(1)));
    }
}
