package io.sluice.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a file mostly forwards, a piece at a time, so that scanning a segment does not take a segment's worth of memory. */
final class FileWindow {

    private static final int PIECE_BYTES = 256 << 10;

    private final JournalFile file;
    private final long size;
    private byte[] bytes = new byte[0];
    private long start;
    private int length;

    FileWindow(JournalFile file) throws IOException {
        this.file = file;
        this.size = file.size();
    }

    long size() {
        return size;
    }

    boolean has(long position, long count) {
        return count <= size - position;
    }

    /** Makes {@code count} bytes from {@code position} available in {@link #bytes} and returns the index of the first. */
    int load(long position, int count) throws IOException {
        if (position < start || position + count > start + length) {
            int wanted = (int) Math.min(Math.max(count, PIECE_BYTES), size - position);
            if (bytes.length < wanted) {
                bytes = new byte[wanted];
            }
            file.readFully(ByteBuffer.wrap(bytes, 0, wanted), position);
            start = position;
            length = wanted;
        }
        return (int) (position - start);
    }

    byte[] bytes() {
        return bytes;
    }
}
