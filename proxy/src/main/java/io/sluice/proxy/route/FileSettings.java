package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Files of a folder.
 *
 * @param root what lies below it is public, but nothing whose name begins with a dot
 * @param index the file that stands for a folder; empty for none
 * @param cacheControl the whole {@code Cache-Control} of a file; null for none
 * @param expires the whole {@code Expires} of a file; null for none
 */
public record FileSettings(
        Path root,
        String index,
        @Nullable String cacheControl,
        @Nullable String expires) implements OwnAnswer {
    private static final String EXPIRES = "expires";
    private static final String INDEX = "index.html";
    /** As nginx answers {@code expires epoch} and {@code expires max}. */
    private static final String PAST = "Thu, 01 Jan 1970 00:00:01 GMT";

    private static final String FAR_FUTURE = "Thu, 31 Dec 2037 23:55:55 GMT";
    private static final String TEN_YEARS = "max-age=315360000";

    /** Reads {@code root}, {@code index}, {@code expires} and {@code cache-control}. */
    static FileSettings read(SettingsReader reader) {
        Path root = reader.filePath("root").orElse(null);
        if (root == null) {
            reader.problem("root", null, "a folder: this key is required");
            root = Path.of(".");
        }
        String index = reader.text("index", INDEX);
        if (index.startsWith(".") || index.indexOf('/') >= 0) {
            reader.problem("index", index, "the name of a file, not hidden");
        }
        return new FileSettings(root.toAbsolutePath().normalize(), index, cacheControl(reader), expires(reader));
    }

    private static @Nullable String cacheControl(SettingsReader reader) {
        String directives = reader.text("cache-control", "");
        if (!HeaderChanges.isValue(directives)) {
            reader.problem("cache-control", directives, "visible ASCII");
        }
        String age = age(reader);
        if (age == null) {
            return directives.isEmpty() ? null : directives;
        }
        return directives.isEmpty() ? age : directives + ", " + age;
    }

    private static @Nullable String age(SettingsReader reader) {
        return switch (reader.optionalText(EXPIRES).orElse("")) {
            case "off" -> null;
            case "epoch" -> "no-cache";
            case "max" -> TEN_YEARS;
            default ->
                reader.optionalDuration(EXPIRES, Duration.ZERO)
                        .map(time -> "max-age=" + time.toSeconds())
                        .orElse(null);
        };
    }

    /** A time from now is told by {@code max-age} alone, which everybody prefers (RFC 9111 §5.3). */
    private static @Nullable String expires(SettingsReader reader) {
        return switch (reader.optionalText(EXPIRES).orElse("")) {
            case "epoch" -> PAST;
            case "max" -> FAR_FUTURE;
            default -> null;
        };
    }
}
