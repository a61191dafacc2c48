package io.sluice.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file of a {@link JournalFolder}. Used by one thread at a time. */
interface JournalFile extends Closeable {

    /** Writes some or all of {@code source}, as a file system may, and returns how much. */
    int write(ByteBuffer source, long position) throws IOException;

    /** Reads some or all of what {@code target} has room for; -1 at the end of the file. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Returns once everything written so far is on the disk, with {@code metadata} the file's times too. */
    void force(boolean metadata) throws IOException;

    void truncate(long size) throws IOException;

    long size() throws IOException;

    default void writeFully(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            int written = write(source, at);
            if (written <= 0) {
                throw new IOException("write made no progress at offset " + at);
            }
            at += written;
        }
    }

    default void readFully(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int read = read(target, at);
            if (read <= 0) {
                throw new IOException("file ends at offset " + at);
            }
            at += read;
        }
    }
}
