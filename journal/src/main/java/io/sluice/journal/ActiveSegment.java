package io.sluice.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The segment that is appended to, with its open file. Writing goes in three steps: {@code write} behind the end, {@code force}, {@code
 * accept}; only the last moves the end.
 */
final class ActiveSegment implements Closeable {

    private final Segment segment;
    private final JournalFile file;
    private final ByteBuffer buffer;

    ActiveSegment(Segment segment, JournalFile file, ByteBuffer buffer) {
        this.segment = segment;
        this.file = file;
        this.buffer = buffer;
    }

    Segment segment() {
        return segment;
    }

    long bytes() {
        return segment.bytes();
    }

    /** Writes the records of {@code run} behind the end, beginning with {@code sequence}, and returns where they end. */
    long write(List<Request.Append> run, long sequence) throws IOException {
        FrameWriter frames = new FrameWriter(buffer, file, segment.id(), bytes());
        long next = sequence;
        for (Request.Append request : run) {
            int last = request.records().size() - 1;
            for (int i = 0; i <= last; i++) {
                int flags = (i == 0 ? Frame.FIRST : 0) | (i == last ? Frame.LAST : 0);
                frames.put(Frame.RECORD, (byte) flags, next, request.records().get(i));
                next++;
            }
        }
        return frames.flush();
    }

    /** Writes a mark: records below {@code discardedBefore} are being deleted on purpose. Returns where it ends. */
    long writeMark(long discardedBefore, long lastSequence) throws IOException {
        FrameWriter frames = new FrameWriter(buffer, file, segment.id(), bytes());
        byte[] payload =
                ByteBuffer.allocate(Long.BYTES).putLong(discardedBefore).array();
        frames.put(Frame.MARK, Frame.ALONE, lastSequence, payload);
        return frames.flush();
    }

    void force() throws IOException {
        file.force(false);
    }

    /** Takes what was written and forced into the index, moves the end, and returns the next sequence. */
    long accept(List<Request.Append> run, long sequence, long end) {
        long next = sequence;
        long position = bytes();
        for (Request.Append request : run) {
            for (byte[] record : request.records()) {
                segment.index().put(next, position);
                next++;
                position += Frame.bytesFor(record);
            }
        }
        segment.resize(end);
        return next;
    }

    /** Cuts off what a failed write left behind the end; when this returns it cannot come back. */
    void undoWrite() throws IOException {
        file.truncate(bytes());
        file.force(true);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
