package io.sluice.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot on disk, {@code <16-digit last sequence>.snap}: magic u64, sequence u64, length u64, CRC32C u32 of the two numbers and the
 * state, state. It is written under another name, forced, and renamed, so a file with this name is whole unless it was damaged later.
 */
record SnapshotFile(String name, long sequence, long bytes) {

    static final String TEMPORARY = "snapshot.tmp";

    private static final String SUFFIX = ".snap";
    private static final long MAGIC = 0x534c554943455331L; // "SLUICES1"
    private static final int HEADER_BYTES = 28;
    private static final int CHECKSUM_AT = 24;

    static boolean isName(String name) {
        return name.matches("\\d{16,19}\\.snap");
    }

    static SnapshotFile named(String name, long bytes) {
        return new SnapshotFile(name, Long.parseLong(name.substring(0, name.length() - SUFFIX.length())), bytes);
    }

    static SnapshotFile of(long sequence, byte[] state) {
        return new SnapshotFile(
                String.format(Locale.ROOT, "%016d%s", sequence, SUFFIX), sequence, HEADER_BYTES + (long) state.length);
    }

    /** Writes and forces the temporary file; {@link #rename} makes it count. */
    void writeTemporary(JournalFolder folder, byte[] state) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(MAGIC).putLong(sequence).putLong(state.length);
        header.putInt(checksum(header.array(), state)).flip();
        try (JournalFile file = folder.create(TEMPORARY)) {
            file.writeFully(header, 0);
            file.writeFully(ByteBuffer.wrap(state), HEADER_BYTES);
            file.force(true);
        }
    }

    void rename(JournalFolder folder) throws IOException {
        folder.rename(TEMPORARY, name);
    }

    /** The state, or null if the file is damaged. */
    byte @Nullable [] read(JournalFolder folder) throws IOException {
        try (JournalFile file = folder.openForRead(name)) {
            long stateBytes = file.size() - HEADER_BYTES;
            if (stateBytes < 0 || stateBytes > Integer.MAX_VALUE) {
                return null;
            }
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            file.readFully(header, 0);
            header.flip();
            boolean plausible =
                    header.getLong() == MAGIC && header.getLong() == sequence && header.getLong() == stateBytes;
            if (!plausible) {
                return null;
            }
            byte[] state = new byte[(int) stateBytes];
            file.readFully(ByteBuffer.wrap(state), HEADER_BYTES);
            return header.getInt() == checksum(header.array(), state) ? state : null;
        }
    }

    private static int checksum(byte[] header, byte[] state) {
        CRC32C crc = new CRC32C();
        crc.update(header, Long.BYTES, CHECKSUM_AT - Long.BYTES);
        crc.update(state, 0, state.length);
        return (int) crc.getValue();
    }
}
