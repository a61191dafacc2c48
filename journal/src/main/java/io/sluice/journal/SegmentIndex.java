package io.sluice.journal;

import java.util.Arrays;

/**
 * Where each record of a segment begins: one int per record, so 4 to 8 bytes of memory for a live record. Written by the writer thread
 * alone; any thread may read, because {@code count} is published after the entries below it.
 */
final class SegmentIndex {

    private static final int INITIAL_CAPACITY = 16;

    private final long firstSequence;
    private volatile int[] positions = new int[INITIAL_CAPACITY];
    private volatile int count;

    SegmentIndex(long firstSequence) {
        this.firstSequence = firstSequence;
    }

    /** Adds a record; sequences rise, and those left out stay absent. */
    void put(long sequence, long position) {
        int slot = Math.toIntExact(sequence - firstSequence);
        int[] current = positions;
        if (slot >= current.length) {
            current = Arrays.copyOf(current, Math.max(slot + 1, current.length * 2));
            positions = current;
        }
        current[slot] = Math.toIntExact(position);
        count = slot + 1;
    }

    /** The record's offset in the file, 0 if it is not there: offset 0 is always the segment's header. */
    int position(long sequence) {
        long slot = sequence - firstSequence;
        return slot >= 0 && slot < count ? positions[(int) slot] : 0;
    }

    /** The first record that is there, 0 if none is. */
    long firstPresent() {
        int[] current = positions;
        for (int slot = 0; slot < count; slot++) {
            if (current[slot] != 0) {
                return firstSequence + slot;
            }
        }
        return 0;
    }
}
