package io.sluice.journal;

import io.sluice.journal.JournalException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.NavigableMap;

/**
 * Reads single records from any thread. The file is opened for each read, because an interrupt closes a channel under everybody who shares
 * it, and because a segment may be retired at any time; the checksum is verified again.
 */
final class RecordReader {

    private final JournalFolder folder;
    private final NavigableMap<Long, Segment> segments;

    RecordReader(JournalFolder folder, NavigableMap<Long, Segment> segments) {
        this.folder = folder;
        this.segments = segments;
    }

    byte[] read(long sequence) {
        Map.Entry<Long, Segment> entry = segments.floorEntry(sequence);
        int position = entry == null ? 0 : entry.getValue().index().position(sequence);
        if (entry == null || position == 0) {
            throw gone(sequence);
        }
        Segment segment = entry.getValue();
        try (JournalFile file = folder.openForRead(segment.name())) {
            return read(file, segment, position, sequence);
        } catch (NoSuchFileException e) {
            throw gone(sequence);
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot read record " + sequence + ": " + e.getMessage(), e);
        }
    }

    private static byte[] read(JournalFile file, Segment segment, int position, long sequence) throws IOException {
        byte[] head = new byte[Frame.HEADER_BYTES];
        file.readFully(ByteBuffer.wrap(head), position);
        Frame frame = Frame.parse(head, 0, segment.id());
        if (frame == null || frame.sequence() != sequence) {
            throw damaged(segment, position);
        }
        byte[] payload = new byte[frame.length()];
        file.readFully(ByteBuffer.wrap(payload), position + (long) Frame.HEADER_BYTES);
        if (!frame.matches(segment.id(), payload, 0)) {
            throw damaged(segment, position);
        }
        return payload;
    }

    private static IOException damaged(Segment segment, int position) {
        return new IOException(segment.name() + " is damaged at offset " + position);
    }

    private static JournalException gone(long sequence) {
        return new JournalException(Kind.GONE, "record " + sequence + " is not in the journal");
    }
}
