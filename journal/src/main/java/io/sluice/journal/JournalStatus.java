package io.sluice.journal;

import org.jspecify.annotations.Nullable;

/**
 * A consistent view of a journal after its last completed batch.
 *
 * @param writable false for good after a failed force, or once closed
 * @param reason why it is not writable, for people; null while it is
 * @param firstSequence the oldest record that can be read; {@code lastSequence + 1} when there is none
 * @param lastSequence the newest durable record, 0 before the first one
 * @param bytes size of all segments and snapshots
 */
public record JournalStatus(
        boolean writable, @Nullable String reason, long firstSequence, long lastSequence, long bytes) {}
