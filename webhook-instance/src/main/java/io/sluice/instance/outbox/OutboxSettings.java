package io.sluice.instance.outbox;

import io.sluice.journal.JournalSettings;

/**
 * Limits of an outbox.
 *
 * @param segmentBytes size at which the log starts a new file
 * @param maxRecordBytes largest event, with its headers
 * @param maxBytes largest size of the log
 * @param reserveBytes the last part of {@code maxBytes}: new events are refused, outcomes can still be written
 * @param maxPending number of undelivered events at which new ones are refused; bounds memory (about 400 bytes each)
 * @param dedupEntries how many events are remembered at most to recognise copies; the oldest go first
 */
public record OutboxSettings(
        long segmentBytes, int maxRecordBytes, long maxBytes, long reserveBytes, int maxPending, int dedupEntries) {
    private static final long MIB = 1024 * 1024;

    /** The log takes no larger files. */
    public static final long MAX_SEGMENT_BYTES = 1024 * MIB;

    /** So many segments must fit beside the reserve: space comes back by whole ones, and the newest never does. */
    public static final int LEAST_SEGMENTS = 4;

    /** 1 GiB of events in 64 MiB files; a record holds the largest body that any sender is known to send (GitHub, 25 MiB). */
    public static OutboxSettings defaults() {
        return new OutboxSettings(64 * MIB, (int) (26 * MIB), 1024 * MIB, 64 * MIB, 250_000, 100_000);
    }

    public OutboxSettings {
        atLeastOne("segment-bytes", segmentBytes);
        atLeastOne("max-record-bytes", maxRecordBytes);
        atLeastOne("max-bytes", maxBytes);
        atLeastOne("max-pending", maxPending);
        if (dedupEntries < 0 || reserveBytes < 0) {
            throw new IllegalArgumentException("dedup-entries, reserve-bytes: negative (expected: >= 0)");
        }
    }

    JournalSettings journal() {
        return new JournalSettings(segmentBytes, maxRecordBytes, maxBytes, reserveBytes);
    }

    private static void atLeastOne(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: >= 1)");
        }
    }
}
