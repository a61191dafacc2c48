package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;

/**
 * What a backend that is well answers a check with.
 *
 * @param status exactly this one, or any 2xx when 0
 * @param body what the body has to contain, read as UTF-8; empty for anything
 */
public record ExpectedResponse(int status, String body) {
    /** What is read of a body to find {@link #body} in, in bytes; one that is longer fails the check. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    /** Reads {@code expected-status} and {@code expected-body}. */
    static ExpectedResponse read(SettingsReader reader) {
        return new ExpectedResponse(reader.integer("expected-status", 0, 0, 599), reader.text("expected-body", ""));
    }

    boolean isStatus(int answered) {
        return status == 0 ? answered >= 200 && answered < 300 : answered == status;
    }
}
