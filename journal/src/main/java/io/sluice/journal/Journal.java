package io.sluice.journal;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An append-only log of byte records in one folder, durable once acknowledged.
 *
 * <p>Futures complete on the journal's own writer thread: hop to your own context and never block in a dependent stage. Nothing limits how
 * much may wait in memory to be written, so callers bound what they have in flight.
 */
@SuppressWarnings("DoNotCallSuggester") // the types come before the log behind them
public final class Journal implements AutoCloseable {

    private Journal() {}

    /**
     * Opens the journal in {@code directory}, creating the folder if needed, takes its lock, replays what it holds and cuts off a torn
     * tail. Blocks.
     *
     * @throws JournalException {@code LOCKED} if somebody has it open, {@code IO} if a file operation fails
     */
    public static Journal open(Path directory, JournalSettings settings, Replay replay) {
        throw new UnsupportedOperationException("open");
    }

    /** Completes with the record's sequence (1, 2, …) once it is on the disk. */
    public CompletableFuture<Long> append(byte[] record) {
        throw new UnsupportedOperationException("append");
    }

    /** Appends with contiguous sequences, by one write and one force; completes with the last one. Recovered all or none. */
    public CompletableFuture<Long> appendAll(List<byte[]> records) {
        throw new UnsupportedOperationException("appendAll");
    }

    /** Like {@link #append}, but may use the reserve: for records that help to free space. */
    public CompletableFuture<Long> appendReserved(byte[] record) {
        throw new UnsupportedOperationException("appendReserved");
    }

    /**
     * Reads a durable record that is still in a segment. Blocks; any thread.
     *
     * @throws JournalException {@code GONE} if it is not, or no longer, there; {@code IO} if it cannot be read
     */
    public byte[] read(long sequence) {
        throw new UnsupportedOperationException("read");
    }

    /**
     * Replaces every record whose append was called before this call by {@code state}. A crash at any moment leaves either the old records or
     * the new snapshot.
     */
    public CompletableFuture<Void> snapshot(byte[] state) {
        throw new UnsupportedOperationException("snapshot");
    }

    /** Deletes whole segments whose records are all below {@code sequence}. */
    public CompletableFuture<Void> discardBefore(long sequence) {
        throw new UnsupportedOperationException("discardBefore");
    }

    public JournalStatus status() {
        throw new UnsupportedOperationException("status");
    }

    /** What opening found; does not change afterwards. */
    public Recovery recovery() {
        throw new UnsupportedOperationException("recovery");
    }

    /** Writes what was appended before, then stops the writer and releases the lock. Blocks. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("close");
    }
}
