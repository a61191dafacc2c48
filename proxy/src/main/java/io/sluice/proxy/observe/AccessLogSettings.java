package io.sluice.proxy.observe;

import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where requests are logged.
 *
 * @param file absent: to the log of the program, as lines of a logger named {@code access}
 * @param queue how many lines may wait to be written; more are dropped and counted
 */
public record AccessLogSettings(boolean on, @Nullable Path file, int queue) {
    private static final int QUEUE = 16_384;

    public static AccessLogSettings off() {
        return new AccessLogSettings(false, null, QUEUE);
    }

    /** One JSON line a request to this file. */
    public static AccessLogSettings to(Path file) {
        return new AccessLogSettings(true, file, QUEUE);
    }

    /** Reads {@code on}, {@code file}, {@code queue}. */
    public static AccessLogSettings read(SettingsReader reader) {
        return new AccessLogSettings(
                reader.flag("on", true),
                reader.filePath("file").orElse(null),
                reader.integer("queue", QUEUE, 1, 10_000_000));
    }
}
