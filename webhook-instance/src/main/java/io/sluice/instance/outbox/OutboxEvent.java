package io.sluice.instance.outbox;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A webhook as it was received: what the outbox stores and what modules get.
 *
 * @param eventId names the event towards every receiver; the same on each attempt
 * @param rememberFor how long a second event with the same id is taken for a copy; zero: the id is new in any case
 * @param generation the configuration under which it was accepted
 * @param bodySha256 hex digest of {@code body}, part of the sender's receipt
 * @param headers lower-case names; never credentials
 * @param body the bytes as sent
 */
public record OutboxEvent(
        String eventId,
        Duration rememberFor,
        String webhookId,
        long generation,
        Instant arrival,
        String bodySha256,
        Map<String, String> headers,
        List<StepPlan> steps,
        Buffer body) {
    public OutboxEvent {
        headers = Map.copyOf(headers);
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.size() > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("steps: " + steps.size() + " (expected: 1 to 127)");
        }
    }

    /** Whether a copy of this event could come, or have come. */
    boolean mayBeRepeated() {
        return !rememberFor.isZero();
    }
}
