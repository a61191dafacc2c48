package io.sluice.instance.outbox;

import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;

/** Events and outboxes for tests. */
final class Events {
    static final Duration REMEMBERED = Duration.ofHours(1);

    private Events() {}

    static OutboxEvent event(String eventId, Instant arrival, String... steps) {
        return event(eventId, Duration.ZERO, arrival, steps);
    }

    static OutboxEvent repeatable(String eventId, Instant arrival, String... steps) {
        return event(eventId, REMEMBERED, arrival, steps);
    }

    private static OutboxEvent event(String eventId, Duration rememberFor, Instant arrival, String... steps) {
        return new OutboxEvent(
                eventId,
                rememberFor,
                "orders",
                7,
                arrival,
                "digest of " + eventId,
                Map.of("content-type", "application/json"),
                Stream.of(steps).map(id -> new StepPlan(id, true)).toList(),
                Buffer.buffer("body of " + eventId));
    }

    /** Segments so small that tidying pays soon. */
    static OutboxSettings settings() {
        return new OutboxSettings(1024, 64 * 1024, 1 << 20, 1 << 16, 1000, 50);
    }

    static Outbox open(MemoryLog log, Clock clock) {
        DedupIndex dedup = new DedupIndex(settings().dedupEntries());
        Recovered recovered = new Recovered(dedup, clock);
        log.replay(recovered);
        return new Outbox(log, recovered, dedup, settings(), clock);
    }
}
