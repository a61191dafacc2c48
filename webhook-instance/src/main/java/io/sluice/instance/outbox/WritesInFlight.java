package io.sluice.instance.outbox;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Bounds from below where events are that are being written: their sequence is not known yet, but it is above every sequence that was known when
 * the write began. Without this, tidying could discard an event between its force and its arrival in the index. Not thread-safe: guarded by
 * the outbox's lock.
 */
final class WritesInFlight {
    private final Set<Write> writes = new LinkedHashSet<>();
    private long highestKnown;

    /** One write; compared by identity. */
    static final class Write {
        private final long above;

        private Write(long above) {
            this.above = above;
        }
    }

    WritesInFlight(long highestKnown) {
        this.highestKnown = highestKnown;
    }

    Write begin() {
        Write write = new Write(highestKnown);
        writes.add(write);
        return write;
    }

    void end(Write write, long sequence) {
        writes.remove(write);
        highestKnown = Math.max(highestKnown, sequence);
    }

    void abandon(Write write) {
        writes.remove(write);
    }

    /** Every event that is being written is at this sequence or above; {@link Long#MAX_VALUE} when there is none. */
    long lowest() {
        // in order of beginning, and what is known only grows
        return writes.isEmpty() ? Long.MAX_VALUE : writes.iterator().next().above + 1;
    }
}
