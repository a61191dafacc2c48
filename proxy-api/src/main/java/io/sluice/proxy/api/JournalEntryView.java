package io.sluice.proxy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of a pool as journalled: who, when, from which revision to which, why and what.
 *
 * @param settings those of the pool that are not about single backends, after the change; absent where it did not concern them
 */
public record JournalEntryView(
        String pool,
        long fromRevision,
        long toRevision,
        Instant at,
        String author,
        String reason,
        @Nullable Long epoch,
        List<PoolChange> changes,
        @Nullable ObjectNode settings) {
    public JournalEntryView {
        changes = List.copyOf(changes);
    }
}
