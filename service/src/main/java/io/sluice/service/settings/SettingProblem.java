package io.sluice.service.settings;

import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with the settings.
 *
 * @param source the file (with its line, where known) or the environment variable
 * @param key dotted path of the setting; empty for the document as a whole
 * @param value what was given, absent when nothing was or when it is a secret
 * @param expectation what would have been right
 * @param hint the nearest known key, for an unknown one
 */
public record SettingProblem(
        String source,
        String key,
        @Nullable String value,
        String expectation,
        @Nullable String hint) {
    /** The problem on one line. */
    public String message() {
        return (key.isEmpty() ? source : source + ": " + key)
                + (value == null ? "" : ": " + value)
                + " (expected: " + expectation + (hint == null ? "" : "; did you mean " + hint + "?") + ")";
    }
}
