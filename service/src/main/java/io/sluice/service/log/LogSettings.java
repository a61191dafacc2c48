package io.sluice.service.log;

import io.sluice.service.settings.SettingsReader;

/** How a process logs. */
public record LogSettings(Format format, Level level) {
    public static final LogSettings DEFAULTS = new LogSettings(Format.TEXT, Level.INFO);

    /** For people or for machines. */
    public enum Format {
        TEXT,
        JSON
    }

    /** The least severe lines that are written. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** Reads {@code format} and {@code level}. */
    public static LogSettings read(SettingsReader reader) {
        return new LogSettings(
                reader.choice("format", Format.class, DEFAULTS.format),
                reader.choice("level", Level.class, DEFAULTS.level));
    }
}
