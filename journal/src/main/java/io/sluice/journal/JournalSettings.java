package io.sluice.journal;

/**
 * Sizes of a journal, all in bytes.
 *
 * @param segmentBytes a new file is begun before one would grow beyond this; at most 1 GiB
 * @param maxRecordBytes the largest record that is accepted; at most 256 MiB
 * @param maxBytes all segments and snapshots together; what does not fit is refused as {@code FULL}
 * @param reserveBytes the last part of {@code maxBytes}, kept free for {@link Journal#appendReserved}
 */
public record JournalSettings(long segmentBytes, int maxRecordBytes, long maxBytes, long reserveBytes) {

    private static final long MIN_SEGMENT_BYTES = 1024;
    private static final long MAX_SEGMENT_BYTES = 1L << 30;
    private static final int LARGEST_RECORD_BYTES = 256 << 20;

    public JournalSettings {
        require(
                segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES,
                "segment-bytes",
                segmentBytes,
                "1 KiB to 1 GiB");
        require(
                maxRecordBytes >= 1 && maxRecordBytes <= LARGEST_RECORD_BYTES,
                "max-record-bytes",
                maxRecordBytes,
                "1 to 256 MiB");
        require(reserveBytes >= 0, "reserve-bytes", reserveBytes, ">= 0");
        require(maxBytes > reserveBytes, "max-bytes", maxBytes, "> reserve-bytes " + reserveBytes);
    }

    /** Segments of 64 MiB, records up to 16 MiB, 8 GiB in all, of which 64 MiB are reserved. */
    public static JournalSettings defaults() {
        return new JournalSettings(64L << 20, 16 << 20, 8L << 30, 64L << 20);
    }

    /** The most that ordinary appends may fill. */
    long ordinaryBytes() {
        return maxBytes - reserveBytes;
    }

    private static void require(boolean holds, String key, long value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
