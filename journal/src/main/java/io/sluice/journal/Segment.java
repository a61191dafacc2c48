package io.sluice.journal;

import java.util.Locale;

/**
 * One file of the log: its identity, its size, and where its records are. All but {@link #index} belongs to the writer thread.
 */
final class Segment {

    private static final String SUFFIX = ".seg";

    private final SegmentHeader header;
    private final SegmentIndex index;
    private long bytes;
    private boolean damaged;

    Segment(SegmentHeader header, long bytes) {
        this.header = header;
        this.index = new SegmentIndex(header.firstSequence());
        this.bytes = bytes;
    }

    static boolean isName(String name) {
        return name.matches("\\d{16,19}\\.seg");
    }

    static long firstSequenceOf(String name) {
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    String name() {
        return String.format(Locale.ROOT, "%016d%s", header.firstSequence(), SUFFIX);
    }

    SegmentHeader header() {
        return header;
    }

    long firstSequence() {
        return header.firstSequence();
    }

    long id() {
        return header.id();
    }

    SegmentIndex index() {
        return index;
    }

    long bytes() {
        return bytes;
    }

    void resize(long newBytes) {
        bytes = newBytes;
    }

    /** Whether recovery found a gap in it: such a file is renamed, not deleted, when it is retired. */
    boolean isDamaged() {
        return damaged;
    }

    void markDamaged() {
        damaged = true;
    }
}
