package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of other origins may use a route (the Fetch standard's CORS protocol).
 *
 * @param origins exact, or {@code *} alone for any
 * @param methods that they may use
 * @param headers that they may set
 * @param exposedHeaders that they may read
 * @param credentials whether their requests may carry cookies; never with any origin
 * @param maxAge how long a browser may remember an answer
 */
public record CorsSettings(
        Set<String> origins,
        List<String> methods,
        List<String> headers,
        List<String> exposedHeaders,
        boolean credentials,
        Duration maxAge) {
    private static final String ANY = "*";
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST");
    private static final Duration MAX_AGE = Duration.ofMinutes(10);

    public CorsSettings {
        origins = Set.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        exposedHeaders = List.copyOf(exposedHeaders);
        if (credentials && origins.contains(ANY)) {
            throw new IllegalArgumentException("credentials: true (expected: false with any origin)");
        }
    }

    /** Whether pages of any origin may use it. */
    public boolean admitsAny() {
        return origins.contains(ANY);
    }

    public boolean admits(@Nullable String origin) {
        return origin != null && (admitsAny() || origins.contains(origin));
    }

    /**
     * Reads the section {@code cors}: {@code origins}, {@code methods}, {@code headers}, {@code expose-headers}, {@code credentials} and
     * {@code max-age}. Null when there is none.
     */
    static @Nullable CorsSettings read(SettingsReader route) {
        if (!route.has("cors")) {
            return null;
        }
        SettingsReader reader = route.section("cors");
        List<String> origins = origins(reader);
        boolean credentials = reader.flag("credentials", false);
        boolean any = origins.contains(ANY);
        if (any && credentials) {
            reader.problem("credentials", true, "false with any origin (*): list the origins");
        }
        List<String> methods = names(reader, "methods");
        return new CorsSettings(
                Set.copyOf(origins),
                methods.isEmpty() ? METHODS : methods,
                names(reader, "headers"),
                names(reader, "expose-headers"),
                credentials && !any,
                reader.duration("max-age", MAX_AGE, Duration.ZERO));
    }

    private static List<String> origins(SettingsReader reader) {
        List<String> origins = reader.texts("origins").stream().distinct().toList();
        if (origins.isEmpty()) {
            reader.problem("origins", null, "at least one origin");
        }
        for (String origin : origins) {
            boolean exact = origin.matches("https?://[a-z0-9.\\[\\]:-]+");
            if (!exact && (!origin.equals(ANY) || origins.size() > 1)) {
                reader.problem("origins", origin, "origins in lower case such as https://app.example.com, or * alone");
            }
        }
        return origins;
    }

    private static List<String> names(SettingsReader reader, String key) {
        List<String> names = reader.texts(key);
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9!#$%&'+.^_`|~-]+")) {
                reader.problem(key, name, "names without *");
            }
        }
        return names;
    }
}
