package io.sluice.instance.outbox;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the outbox is, for health checks, drain status and metrics.
 *
 * @param accepting whether a new event would be taken now; when not, {@code reason} says why
 * @param pending events with a step that has not ended
 * @param deadLetters steps that were given up and wait for an operator
 * @param oldest arrival of the oldest pending event, or null
 * @param bytes size of the log on disk
 * @param damaged records that could not be read back at start; each was logged
 * @param pendingByWebhook {@code pending} by webhook id
 * @param deadByWebhook {@code deadLetters} by webhook id
 */
public record OutboxStatus(
        boolean accepting,
        @Nullable String reason,
        long pending,
        long deadLetters,
        @Nullable Instant oldest,
        long bytes,
        long damaged,
        Map<String, Integer> pendingByWebhook,
        Map<String, Integer> deadByWebhook) {
    public OutboxStatus {
        pendingByWebhook = Map.copyOf(pendingByWebhook);
        deadByWebhook = Map.copyOf(deadByWebhook);
    }

    public Optional<Instant> oldestPending() {
        return Optional.ofNullable(oldest);
    }
}
