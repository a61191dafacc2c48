package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which responses are compressed for clients that can take it.
 *
 * @param types media types in lower case, {@code text/*} for all of a kind
 * @param minBytes shorter ones, if their length is known, are left as they are
 * @param level 1 (fast) to 9 (small)
 */
public record CompressionSettings(List<String> types, long minBytes, int level) {
    private static final List<String> TYPES = List.of(
            "text/*",
            "application/json",
            "application/*+json",
            "application/javascript",
            "application/xml",
            "application/*+xml",
            "application/wasm",
            "image/svg+xml");

    /** What fits one packet gains nothing. */
    private static final long MIN_BYTES = 1024;

    /** Beyond it, time grows faster than bytes are saved. */
    private static final int LEVEL = 5;

    public CompressionSettings {
        types = List.copyOf(types);
    }

    public static CompressionSettings defaults() {
        return new CompressionSettings(TYPES, MIN_BYTES, LEVEL);
    }

    /** Reads {@code on}, {@code types}, {@code min-length} and {@code level}; null when it is off. */
    static @Nullable CompressionSettings read(SettingsReader reader) {
        List<String> types = reader.has("types") ? reader.texts("types") : TYPES;
        for (String type : types) {
            if (!type.matches("[a-z0-9.+-]+/(\\*|(\\*\\+)?[a-z0-9.+-]+)")) {
                reader.problem("types", type, "media types in lower case, such as text/* or application/json");
            }
        }
        long minBytes = reader.bytes("min-length", MIN_BYTES, 0);
        int level = reader.integer("level", LEVEL, 1, 9);
        return reader.flag("on", false) ? new CompressionSettings(types, minBytes, level) : null;
    }

    /** Whether a {@code Content-Type} is among the types. Never an event stream: its events must not wait for one another. */
    public boolean includes(String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (type.equals("text/event-stream")) {
            return false;
        }
        for (String each : types) {
            if (matches(each, type)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String type) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return type.equals(pattern);
        }
        return type.length() > pattern.length() - 1
                && type.startsWith(pattern.substring(0, star))
                && type.endsWith(pattern.substring(star + 1));
    }
}
