package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * When an attempt may be repeated on another backend.
 *
 * @param tries attempts in all, at least 1
 * @param retryOn statuses of a backend that are retried for repeatable requests
 * @param replayBytes how much of a request body is kept for a further attempt; a longer body is sent once
 * @param deliveryIdHeaders headers that make a POST or PATCH repeatable. Whoever may set them is trusted: list them only where the sender's
 *     receiver de-duplicates by them
 * @param trustNotAccepted whether a 503 with {@code Webhook-Not-Accepted} is believed: the backend vouches that it stored nothing
 */
public record RetrySettings(
        int tries, Set<Integer> retryOn, long replayBytes, List<String> deliveryIdHeaders, boolean trustNotAccepted) {
    private static final int TRIES = 3;
    private static final Set<Integer> RETRY_ON = Set.of(502, 503, 504);
    private static final long REPLAY_BYTES = 1 << 20;

    public RetrySettings {
        retryOn = Set.copyOf(retryOn);
        deliveryIdHeaders = List.copyOf(deliveryIdHeaders);
        if (tries < 1) {
            throw new IllegalArgumentException("tries: " + tries + " (expected: >= 1)");
        }
    }

    /** Reads {@code tries}, {@code retry-on}, {@code replay-limit}, {@code delivery-id-headers}, {@code trust-not-accepted}. */
    static RetrySettings read(SettingsReader reader) {
        return new RetrySettings(
                reader.integer("tries", TRIES, 1, 10),
                reader.has("retry-on") ? statuses(reader) : RETRY_ON,
                reader.bytes("replay-limit", REPLAY_BYTES, 0),
                reader.texts("delivery-id-headers"),
                reader.flag("trust-not-accepted", false));
    }

    private static Set<Integer> statuses(SettingsReader reader) {
        Set<Integer> statuses = new HashSet<>();
        for (String text : reader.texts("retry-on")) {
            if (text.matches("5[0-9][0-9]")) {
                statuses.add(Integer.parseInt(text));
            } else {
                reader.problem("retry-on", text, "statuses in quotes, each 500-599");
            }
        }
        return statuses;
    }
}
