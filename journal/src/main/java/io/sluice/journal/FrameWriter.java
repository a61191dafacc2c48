package io.sluice.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Puts frames one behind the other into a file. They are collected in one direct buffer, so that a usual batch goes out in one write; only
 * what is larger than the buffer takes several.
 */
final class FrameWriter {

    private static final int BUFFER_BYTES = 256 << 10;

    private final ByteBuffer buffer;
    private final JournalFile file;
    private final long segmentId;
    private long position;

    /** Starts a batch at {@code start}; whatever an earlier, failed one left in the buffer is dropped. */
    FrameWriter(ByteBuffer buffer, JournalFile file, long segmentId, long start) {
        this.buffer = buffer.clear();
        this.file = file;
        this.segmentId = segmentId;
        this.position = start;
    }

    /** A buffer for one batch after the other. */
    static ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(BUFFER_BYTES);
    }

    void put(byte type, byte flags, long sequence, byte[] payload) throws IOException {
        if (buffer.remaining() < Frame.HEADER_BYTES) {
            flush();
        }
        Frame.putHead(buffer, segmentId, type, flags, sequence, payload);
        int done = 0;
        while (done < payload.length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int part = Math.min(buffer.remaining(), payload.length - done);
            buffer.put(payload, done, part);
            done += part;
        }
    }

    /** Hands everything to the file and returns the offset behind it. */
    long flush() throws IOException {
        buffer.flip();
        int length = buffer.remaining();
        file.writeFully(buffer, position);
        buffer.clear();
        position += length;
        return position;
    }
}
