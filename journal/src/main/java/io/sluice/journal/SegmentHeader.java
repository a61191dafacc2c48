package io.sluice.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What a segment says about itself at its beginning; the layout is described at {@link Frame}. */
record SegmentHeader(long firstSequence, long id) {

    static final int BYTES = 64;

    private static final int COPY_BYTES = BYTES / 2;
    private static final long MAGIC = 0x534c554943454a31L; // "SLUICEJ1"

    byte[] encode() {
        ByteBuffer header = ByteBuffer.allocate(BYTES);
        for (int copy = 0; copy < 2; copy++) {
            int start = header.position();
            header.putLong(MAGIC).putLong(firstSequence).putLong(id).putInt(0);
            header.putInt(checksum(header.array(), start));
        }
        return header.array();
    }

    /** The header in {@code bytes}, or null if neither copy is whole. */
    static @Nullable SegmentHeader decode(byte[] bytes) {
        for (int start = 0; start + COPY_BYTES <= bytes.length; start += COPY_BYTES) {
            ByteBuffer copy = ByteBuffer.wrap(bytes, start, COPY_BYTES);
            boolean magic = copy.getLong() == MAGIC;
            SegmentHeader header = new SegmentHeader(copy.getLong(), copy.getLong());
            copy.getInt();
            if (magic && copy.getInt() == checksum(bytes, start)) {
                return header;
            }
        }
        return null;
    }

    private static int checksum(byte[] bytes, int start) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, COPY_BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }
}
