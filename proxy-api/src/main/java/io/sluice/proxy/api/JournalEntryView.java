package io.sluice.proxy.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One change of a pool as journalled: who, when, from which revision to which, why and what. */
public record JournalEntryView(
        String pool,
        long fromRevision,
        long toRevision,
        Instant at,
        String author,
        String reason,
        @Nullable Long epoch,
        List<PoolChange> changes) {
    public JournalEntryView {
        changes = List.copyOf(changes);
    }
}
