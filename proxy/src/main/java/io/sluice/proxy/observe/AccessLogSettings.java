package io.sluice.proxy.observe;

import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where requests are logged.
 *
 * @param format of a line
 * @param file absent: to the log of the program, as lines of a logger named {@code access}
 * @param queue how many lines may wait to be written; more are dropped and counted
 * @param maxBytes what a file may hold before it is put aside; 0 for no limit
 * @param keep how many files that were put aside are kept
 */
public record AccessLogSettings(
        boolean on, AccessLogFormat format, @Nullable Path file, int queue, long maxBytes, int keep) {
    private static final int QUEUE = 16_384;

    /** Some hundred thousand requests; with those that are kept it is a few hundred MiB that a disk has to spare. */
    private static final long MAX_BYTES = 100L << 20;

    private static final int KEEP = 5;

    public static AccessLogSettings off() {
        return new AccessLogSettings(false, AccessLogFormat.JSON, null, QUEUE, MAX_BYTES, KEEP);
    }

    /** One JSON line a request to this file. */
    public static AccessLogSettings to(Path file) {
        return new AccessLogSettings(true, AccessLogFormat.JSON, file, QUEUE, MAX_BYTES, KEEP);
    }

    public AccessLogSettings withQueue(int lines) {
        return new AccessLogSettings(on, format, file, lines, maxBytes, keep);
    }

    public AccessLogSettings withRotation(long atBytes, int kept) {
        return new AccessLogSettings(on, format, file, queue, atBytes, kept);
    }

    /** Reads {@code on}, {@code format}, {@code file}, {@code queue}, {@code max-size} and {@code keep}. */
    public static AccessLogSettings read(SettingsReader reader) {
        return new AccessLogSettings(
                reader.flag("on", true),
                reader.choice("format", AccessLogFormat.class, AccessLogFormat.JSON),
                reader.filePath("file").orElse(null),
                reader.integer("queue", QUEUE, 1, 10_000_000),
                reader.bytes("max-size", MAX_BYTES, 0),
                reader.integer("keep", KEEP, 1, 1_000));
    }
}
