package io.sluice.instance.outbox;

import java.time.Instant;

/**
 * A step that was given up. {@code reason} begins with its kind: {@code parked}, {@code permanent}, {@code exhausted} or {@code skipped}.
 *
 * @param id names the letter in the API
 */
public record DeadLetter(
        DeadLetterId id,
        String eventId,
        String webhookId,
        String stepId,
        int attempts,
        Instant arrival,
        Instant diedAt,
        String reason) {}
