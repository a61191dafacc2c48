package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which responses are compressed for clients that can take it.
 *
 * @param types media types in lower case, {@code text/*} for all of a kind
 * @param minBytes shorter ones, if their length is known, are left as they are
 * @param codings those that may be used; of those that a client likes equally well, the first
 */
public record CompressionSettings(
        List<String> types, long minBytes, List<ContentCoding> codings, CompressionLevels levels) {
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

    /** At these levels zstd is several times faster than the others and saves about as much. */
    private static final List<ContentCoding> CODINGS =
            List.of(ContentCoding.ZSTD, ContentCoding.BROTLI, ContentCoding.GZIP);

    public CompressionSettings {
        types = List.copyOf(types);
        codings = List.copyOf(codings);
    }

    /** Reads {@code on}, {@code types}, {@code min-length}, {@code codings} and the levels; null when it is off. */
    static @Nullable CompressionSettings read(SettingsReader reader) {
        List<String> types = reader.has("types") ? reader.texts("types") : TYPES;
        for (String type : types) {
            if (!type.matches("[a-z0-9.+-]+/(\\*|(\\*\\+)?[a-z0-9.+-]+)")) {
                reader.problem("types", type, "media types in lower case, such as text/* or application/json");
            }
        }
        long minBytes = reader.bytes("min-length", MIN_BYTES, 0);
        List<ContentCoding> codings = codings(reader);
        CompressionLevels levels = CompressionLevels.read(reader);
        return reader.flag("on", false) ? new CompressionSettings(types, minBytes, codings, levels) : null;
    }

    private static List<ContentCoding> codings(SettingsReader reader) {
        if (!reader.has("codings")) {
            return CODINGS;
        }
        Map<String, ContentCoding> known = new LinkedHashMap<>();
        for (ContentCoding coding : ContentCoding.values()) {
            known.put(coding.token(), coding);
        }
        Set<ContentCoding> codings = new LinkedHashSet<>();
        List<String> tokens = reader.texts("codings");
        for (String token : tokens) {
            ContentCoding coding = known.get(token);
            if (coding == null || !codings.add(coding)) {
                reader.problem("codings", token, "each once, of " + String.join(", ", known.keySet()));
            }
        }
        if (tokens.isEmpty()) {
            reader.problem("codings", "", "one or more of " + String.join(", ", known.keySet()));
        }
        return List.copyOf(codings);
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
