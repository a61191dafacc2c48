package io.sluice.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The head of one entry in a segment. All numbers are big-endian.
 *
 * <pre>
 * segment   = header frame*
 * header    = copy copy                 64 bytes; written twice so that no single bad byte loses a segment
 * copy      = "SLUICEJ1"     8 bytes
 *             first          u64        sequence of the segment's first record, as in its name
 *             id             u64        random, new for each segment
 *             zero           u32
 *             crc            u32        CRC32C of the 28 bytes before
 * frame     = magic          u16        0x5346
 *             type           u8         1 record, 2 mark
 *             flags          u8         1 first of its group, 2 last of its group; a lone record has both
 *             marker         u32        the upper half of the segment's id
 *             length         u32        of the payload
 *             crc            u32        CRC32C of: id, the 12 bytes before, sequence, payload
 *             sequence       u64        a record's own; for a mark that of the record before it
 *             payload        length bytes; of a mark: u64, records below it were discarded on purpose
 * </pre>
 *
 * <p>The id in the checksum makes bytes of any other segment, or of an earlier life of the same disk blocks, invalid here. The
 * marker lets a reader find the next frame behind damage quickly, and no payload can imitate it since nobody outside knows the id. The
 * records of a group count only when the group is complete.
 */
record Frame(byte type, byte flags, int length, int checksum, long sequence) {

    static final int HEADER_BYTES = 24;
    static final byte RECORD = 1;
    static final byte MARK = 2;
    static final byte FIRST = 1;
    static final byte LAST = 2;
    static final byte ALONE = FIRST | LAST;

    private static final short MAGIC = 0x5346;
    private static final int MAX_LENGTH = 1 << 28;

    static long bytesFor(byte[] payload) {
        return HEADER_BYTES + (long) payload.length;
    }

    long bytes() {
        return HEADER_BYTES + (long) length;
    }

    boolean isMark() {
        return type == MARK;
    }

    boolean isFirst() {
        return (flags & FIRST) != 0;
    }

    boolean isLast() {
        return (flags & LAST) != 0;
    }

    /** Puts the head of a frame; the payload comes right behind it. */
    static void putHead(ByteBuffer target, long segmentId, byte type, byte flags, long sequence, byte[] payload) {
        int start = target.position();
        target.putShort(MAGIC).put(type).put(flags).putInt(marker(segmentId)).putInt(payload.length);
        target.putInt(checksum(segmentId, type, flags, payload.length, sequence, payload, 0));
        target.putLong(sequence);
        assert target.position() - start == HEADER_BYTES;
    }

    /** The head at {@code offset}, or null if there is none; its payload is not checked yet. */
    static @Nullable Frame parse(byte[] bytes, int offset, long segmentId) {
        // Most offsets that a search tries end at this first comparison.
        if (bytes[offset] != (byte) (MAGIC >> 8) || bytes[offset + 1] != (byte) MAGIC) {
            return null;
        }
        ByteBuffer head = ByteBuffer.wrap(bytes, offset, HEADER_BYTES);
        head.getShort();
        byte type = head.get();
        byte flags = head.get();
        int marker = head.getInt();
        Frame frame = new Frame(type, flags, head.getInt(), head.getInt(), head.getLong());
        boolean plausible = marker == marker(segmentId) && frame.hasKnownShape();
        return plausible ? frame : null;
    }

    private boolean hasKnownShape() {
        return switch (type) {
            case RECORD -> (flags & ~ALONE) == 0 && length >= 0 && length <= MAX_LENGTH;
            case MARK -> flags == ALONE && length == Long.BYTES;
            default -> false;
        };
    }

    boolean matches(long segmentId, byte[] bytes, int payloadOffset) {
        return checksum == checksum(segmentId, type, flags, length, sequence, bytes, payloadOffset);
    }

    private static int marker(long segmentId) {
        return (int) (segmentId >>> 32);
    }

    private static int checksum(
            long segmentId, byte type, byte flags, int length, long sequence, byte[] bytes, int payloadOffset) {
        ByteBuffer covered = ByteBuffer.allocate(Long.BYTES + HEADER_BYTES - Integer.BYTES);
        covered.putLong(segmentId).putShort(MAGIC).put(type).put(flags).putInt(marker(segmentId));
        covered.putInt(length).putLong(sequence);
        CRC32C crc = new CRC32C();
        crc.update(covered.array());
        crc.update(bytes, payloadOffset, length);
        return (int) crc.getValue();
    }
}
