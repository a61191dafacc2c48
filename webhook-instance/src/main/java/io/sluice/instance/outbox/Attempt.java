package io.sluice.instance.outbox;

import java.time.Instant;

/**
 * One try of one step, handed out by {@link Outbox#takeDue} and to be given back exactly once with its outcome.
 *
 * @param number 1 for the first try since the event was accepted or replayed
 * @param since when the event was accepted, or replayed from the dead letters
 */
public record Attempt(
        long entry,
        int step,
        String stepId,
        String webhookId,
        String eventId,
        int number,
        Instant arrival,
        Instant since) {}
