package io.sluice.proxy.sticky;

import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cookie that binds the clients of a pool.
 *
 * @param cookie its name
 * @param maxAge how long a browser keeps it; absent: until it is closed
 * @param secret what it is signed with; absent: a key of the proxy's own, kept in its data folder. Several proxies in front of the same
 *     backends need the same one
 */
public record StickySettings(
        String cookie, @Nullable Duration maxAge, @Nullable Secret secret) {
    /** Where the secret comes from, if not from the file; also with {@code _FILE}. */
    public static final String SECRET_VARIABLE = "SLUICE_PROXY_STICKY_SECRET";

    /** A token of RFC 6265 §4.1.1. */
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");

    public StickySettings {
        if (!NAME.matcher(cookie).matches()) {
            throw new IllegalArgumentException("cookie: " + cookie + " (expected: a cookie name)");
        }
    }

    /** Reads {@code cookie}, {@code max-age} and {@code secret} or {@code secret-file}; empty when there is no {@code cookie}. */
    public static Optional<StickySettings> read(SettingsReader reader) {
        Optional<String> cookie = reader.optionalText("cookie");
        Duration maxAge =
                reader.optionalDuration("max-age", Duration.ofSeconds(1)).orElse(null);
        Secret secret = reader.secret("secret", SECRET_VARIABLE).orElse(null);
        if (cookie.isEmpty()) {
            if (maxAge != null || reader.has("secret") || reader.has("secret-file")) {
                reader.problem("cookie", null, "the name of the cookie");
            }
            return Optional.empty();
        }
        if (!NAME.matcher(cookie.get()).matches()) {
            reader.problem("cookie", cookie.get(), "a cookie name of up to 64 characters");
            return Optional.empty();
        }
        return Optional.of(new StickySettings(cookie.get(), maxAge, secret));
    }
}
