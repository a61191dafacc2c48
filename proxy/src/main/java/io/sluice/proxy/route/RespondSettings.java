package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;

/**
 * Always the same response.
 *
 * @param status 200 to 599
 */
public record RespondSettings(int status, String body, String contentType) implements OwnAnswer {
    private static final String CONTENT_TYPE = "text/plain; charset=utf-8";

    /** Whether responses of this status have no body (RFC 9110 §6.4.1). */
    public boolean isBodiless() {
        return status == 204 || status == 304;
    }

    /** Reads {@code status}, {@code body} and {@code content-type}. */
    static RespondSettings read(SettingsReader reader) {
        int status = reader.integer("status", 200, 200, 599);
        String type = reader.text("content-type", CONTENT_TYPE);
        if (!HeaderChanges.isValue(type)) {
            reader.problem("content-type", type, "visible ASCII");
            type = CONTENT_TYPE;
        }
        RespondSettings settings = new RespondSettings(status, reader.text("body", ""), type);
        if (settings.isBodiless() && !settings.body.isEmpty()) {
            reader.problem("body", settings.body, "none: a response with status " + status + " has no body");
        }
        return settings;
    }
}
