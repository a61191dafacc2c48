package io.sluice.system.load;

import org.jspecify.annotations.Nullable;

/**
 * How one request ended: a status, or an error.
 *
 * @param number the request's number, also in its body
 * @param status 0 when no whole response came
 * @param instance the {@code X-Instance-ID} of the response
 * @param config the {@code X-Config-Hash} of the response
 * @param error what went wrong, absent when a whole response came
 */
public record Answer(
        int number,
        int status,
        @Nullable String instance,
        @Nullable String config,
        @Nullable String error,
        String body) {
    public boolean accepted() {
        return status >= 200 && status < 300;
    }

    static Answer failed(int number, Exception cause) {
        return new Answer(number, 0, null, null, cause.getClass().getSimpleName() + ": " + cause.getMessage(), "");
    }
}
