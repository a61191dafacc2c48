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
 */
public record FileSettings(
        Path root, String index, @Nullable String cacheControl) implements OwnAnswer {
    private static final String INDEX = "index.html";

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
        return new FileSettings(root.toAbsolutePath().normalize(), index, cacheControl(reader));
    }

    private static @Nullable String cacheControl(SettingsReader reader) {
        Duration expires = reader.optionalDuration("expires", Duration.ZERO).orElse(null);
        String directives = reader.text("cache-control", "");
        if (!HeaderChanges.isValue(directives)) {
            reader.problem("cache-control", directives, "visible ASCII");
        }
        if (expires == null) {
            return directives.isEmpty() ? null : directives;
        }
        String age = "max-age=" + expires.toSeconds();
        return directives.isEmpty() ? age : directives + ", " + age;
    }
}
