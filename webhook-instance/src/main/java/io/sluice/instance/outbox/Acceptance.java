package io.sluice.instance.outbox;

import java.util.concurrent.CompletableFuture;

/**
 * The outbox has the event on disk.
 *
 * @param entry the event's number in this outbox, unique for its lifetime
 * @param duplicate the event had been accepted before; {@code entry} and {@code bodySha256} are those of the first copy
 * @param settled completes when no required step is left to wait for
 */
public record Acceptance(
        long entry, String eventId, String bodySha256, boolean duplicate, CompletableFuture<Settlement> settled) {
    Acceptance asDuplicate() {
        return new Acceptance(entry, eventId, bodySha256, true, settled);
    }
}
