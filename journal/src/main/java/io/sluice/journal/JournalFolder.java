package io.sluice.journal;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * The only way in which the journal touches a file system, so that tests can make it fail, write short, or forget what was not forced.
 * What {@link #create}, {@link #rename} and {@link #delete} did to the folder is durable after the next {@link #force}. Closing gives up the
 * lock.
 */
interface JournalFolder extends Closeable {

    /** Where it is, for messages. */
    String location();

    /** Takes the lock that keeps every other journal out, or throws a {@code LOCKED} {@link JournalException}. */
    void lock() throws IOException;

    List<String> list() throws IOException;

    /** Opens an empty file for reading and writing; what had that name before is gone. */
    JournalFile create(String name) throws IOException;

    JournalFile openForAppend(String name) throws IOException;

    JournalFile openForRead(String name) throws IOException;

    /** Renames atomically, replacing what had the new name. */
    void rename(String from, String to) throws IOException;

    /** Deletes the file if it is there. */
    void delete(String name) throws IOException;

    /** Returns once the folder's entries are on the disk. */
    void force() throws IOException;
}
