package io.sluice.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one segment from its first frame to its end. A frame counts when its checksum and its place in the sequence are right, and when
 * its whole group is there. Behind a frame that does not count the search for the next one goes byte by byte; what lies between is
 * a gap if anything valid follows, and the tail if nothing does. What a bad tail means (torn by a crash, or damaged) is not decided here.
 */
final class SegmentScanner {

    /** Is told what the scanner finds, from front to back. */
    interface Visitor {
        void record(long sequence, long position, byte[] payload);

        void gap(long offset, long bytes);

        void discardedBefore(long sequence);
    }

    /**
     * @param nextSequence what the record after the last valid one would be
     * @param validBytes where the valid part ends
     * @param badTailBytes how much follows that is not valid
     */
    record Result(long nextSequence, long validBytes, long badTailBytes) {}

    private final FileWindow window;
    private final long segmentId;
    private final Visitor visitor;
    /** The payloads of a group whose last frame has not come yet. */
    private final List<byte[]> group = new ArrayList<>();

    private long groupStart;
    private long nextSequence;

    SegmentScanner(FileWindow window, long segmentId, long nextSequence, Visitor visitor) {
        this.window = window;
        this.segmentId = segmentId;
        this.nextSequence = nextSequence;
        this.visitor = visitor;
    }

    Result scan() throws IOException {
        long position = SegmentHeader.BYTES;
        while (position < window.size()) {
            Frame frame = frameAt(position);
            if (frame != null && isExpected(frame)) {
                accept(frame, position);
                position += frame.bytes();
                continue;
            }
            long bad = endOfValid(position);
            group.clear();
            long resumed = findNextGroup(bad, position + 1);
            if (resumed < 0) {
                return new Result(nextSequence, bad, window.size() - bad);
            }
            visitor.gap(bad, resumed - bad);
            position = resumed;
        }
        long end = endOfValid(window.size());
        return new Result(nextSequence, end, window.size() - end);
    }

    /** An incomplete group is not valid, so the valid part ends where it began. */
    private long endOfValid(long position) {
        return group.isEmpty() ? position : groupStart;
    }

    private boolean isExpected(Frame frame) {
        if (frame.isMark()) {
            return group.isEmpty() && frame.sequence() == nextSequence - 1;
        }
        return frame.isFirst() == group.isEmpty() && frame.sequence() == nextSequence + group.size();
    }

    private void accept(Frame frame, long position) throws IOException {
        int payload = window.load(position, (int) frame.bytes()) + Frame.HEADER_BYTES;
        if (frame.isMark()) {
            visitor.discardedBefore(ByteBuffer.wrap(window.bytes()).getLong(payload));
            return;
        }
        if (frame.isFirst()) {
            groupStart = position;
        }
        group.add(Arrays.copyOfRange(window.bytes(), payload, payload + frame.length()));
        if (frame.isLast()) {
            acceptGroup();
        }
    }

    private void acceptGroup() {
        long position = groupStart;
        for (byte[] payload : group) {
            visitor.record(nextSequence, position, payload);
            nextSequence++;
            position += Frame.bytesFor(payload);
        }
        group.clear();
    }

    /** The offset of the next frame that can begin something, -1 if there is none; the sequence then goes on from that frame. */
    private long findNextGroup(long bad, long from) throws IOException {
        long position = from;
        while (window.has(position, Frame.HEADER_BYTES)) {
            Frame frame = frameAt(position);
            if (frame == null) {
                position++;
                continue;
            }
            long sequence = frame.isMark() ? frame.sequence() + 1 : frame.sequence();
            long mostLost = (position - bad) / Frame.HEADER_BYTES;
            if (frame.isFirst() && sequence >= nextSequence && sequence <= nextSequence + mostLost) {
                nextSequence = sequence;
                return position;
            }
            position += frame.bytes();
        }
        return -1;
    }

    private @Nullable Frame frameAt(long position) throws IOException {
        if (!window.has(position, Frame.HEADER_BYTES)) {
            return null;
        }
        int offset = window.load(position, Frame.HEADER_BYTES);
        Frame frame = Frame.parse(window.bytes(), offset, segmentId);
        if (frame == null || !window.has(position, frame.bytes())) {
            return null;
        }
        int payload = window.load(position, (int) frame.bytes()) + Frame.HEADER_BYTES;
        return frame.matches(segmentId, window.bytes(), payload) ? frame : null;
    }
}
