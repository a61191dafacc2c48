package io.sluice.journal;

import io.sluice.journal.JournalException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An append-only log of byte records in one folder, durable once acknowledged.
 *
 * <p>The idea: callers leave records in a queue; one writer thread takes all that have come together, writes them with one call, forces the
 * file once, and only then completes the callers' futures. While a force runs the next batch gathers, so an idle journal pays one force
 * for a record and a busy one a small part of it, without any timer.
 *
 * <p>Futures complete on the writer thread: hop to your own context, and never block in a dependent stage. Arrays that are handed in
 * must not be changed until the future completes. Nothing limits how much may wait in memory to be written, so callers bound what they have
 * in flight. All methods may be called from any thread; requests of one thread are performed in its order. Failures are {@link
 * JournalException}s.
 *
 * <p>What survives: every record whose future completed normally, unless the disk itself loses forced bytes, which is then reported as a
 * {@link Gap}. A record whose future did not complete, or failed with {@code FORCE_FAILED}, may or may not be there; one that failed
 * otherwise is not.
 */
public final class Journal implements AutoCloseable {

    private static final long MAX_BATCH_BYTES = 1L << 30;

    private final JournalFolder folder;
    private final JournalSettings settings;
    private final SegmentLog log;
    private final Recovery recovery;
    private final RequestQueue queue = new RequestQueue();
    private final Thread writer;

    private Journal(JournalFolder folder, JournalSettings settings, SegmentLog log, Recovery recovery) {
        this.folder = folder;
        this.settings = settings;
        this.log = log;
        this.recovery = recovery;
        this.writer = new Thread(new JournalWriter(queue, log), "journal " + folder.location());
        writer.setDaemon(true);
    }

    /**
     * Opens the journal in {@code directory}, creating the folder if needed, takes its lock, replays what it holds and cuts off a torn
     * tail. Blocks. What {@code replay} throws is passed on, and the journal is not opened.
     *
     * @throws JournalException {@code LOCKED} if somebody has it open, {@code IO} if a file operation fails
     */
    public static Journal open(Path directory, JournalSettings settings, Replay replay) {
        try {
            return open(new DiskFolder(directory), settings, replay);
        } catch (IOException e) {
            throw new JournalException(Kind.IO, "cannot open the journal in " + directory + ": " + e.getMessage(), e);
        }
    }

    static Journal open(JournalFolder folder, JournalSettings settings, Replay replay) throws IOException {
        folder.lock();
        boolean opened = false;
        try {
            Recovered recovered = new Recoverer(folder, replay).recover();
            SegmentLog log = new SegmentLog(folder, settings, recovered);
            Journal journal = new Journal(folder, settings, log, recovered.report());
            journal.writer.start();
            opened = true;
            return journal;
        } finally {
            if (!opened) {
                folder.close();
            }
        }
    }

    /** Completes with the record's sequence (1, 2, …) once it is on the disk. */
    public CompletableFuture<Long> append(byte[] record) {
        return append(List.of(record), false);
    }

    /**
     * Appends with contiguous sequences, by one force; completes with the last one. Recovered all or none: when one of them is damaged later,
     * all are reported as one gap. Together at most 1 GiB.
     */
    public CompletableFuture<Long> appendAll(List<byte[]> records) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("records: [] (expected: at least one)");
        }
        return append(records, false);
    }

    /** Like {@link #append}, but may use the reserve: for records that help to free space. */
    public CompletableFuture<Long> appendReserved(byte[] record) {
        return append(List.of(record), true);
    }

    private CompletableFuture<Long> append(List<byte[]> records, boolean mayUseReserve) {
        Request.Append request = Request.Append.of(records, mayUseReserve);
        for (byte[] record : records) {
            if (record.length > settings.maxRecordBytes()) {
                request.fail(tooLarge("a record", record.length, settings.maxRecordBytes()));
                return request.done();
            }
        }
        if (request.bytes() > MAX_BATCH_BYTES) {
            request.fail(tooLarge("a batch", request.bytes(), MAX_BATCH_BYTES));
            return request.done();
        }
        submit(request);
        return request.done();
    }

    /**
     * Reads a durable record that is still in a segment. Blocks; any thread, also while the journal is read-only.
     *
     * @throws JournalException {@code GONE} if it is not, or no longer, there; {@code IO} if it cannot be read
     */
    public byte[] read(long sequence) {
        return log.read(sequence);
    }

    /**
     * Replaces every record whose append was called before this call by {@code state}; so the state has to contain them, and their futures
     * are best awaited first. A crash at any moment leaves either the old records or the new snapshot. The quota does not apply. When it fails
     * with {@code IO} nothing has changed.
     */
    public CompletableFuture<Void> snapshot(byte[] state) {
        Request.TakeSnapshot request = new Request.TakeSnapshot(state, new CompletableFuture<>());
        submit(request);
        return request.done();
    }

    /**
     * Deletes whole segments whose records are all below {@code sequence}. Cheap when there is none. The segment being written is left for
     * a new one if all its records are below and it is at least half full (or the quota is half used). It is a permission: after a crash
     * records below may be replayed once more.
     */
    public CompletableFuture<Void> discardBefore(long sequence) {
        Request.Discard request = new Request.Discard(sequence, new CompletableFuture<>());
        submit(request);
        return request.done();
    }

    private void submit(Request request) {
        if (!queue.offer(request)) {
            request.fail(new JournalException(Kind.CLOSED, folder.location() + " is closed"));
        }
    }

    private JournalException tooLarge(String what, long bytes, long limit) {
        return new JournalException(
                Kind.TOO_LARGE,
                what + " for " + folder.location() + " has " + bytes + " bytes (expected: <= " + limit + ")");
    }

    public JournalStatus status() {
        return log.status();
    }

    /** What opening found; does not change afterwards. */
    public Recovery recovery() {
        return recovery;
    }

    /**
     * Performs what was asked before, then stops the writer and releases the lock. Blocks, except on the writer thread itself, which then stops
     * a little later. Closing twice is harmless.
     */
    @Override
    public void close() {
        queue.close();
        if (Thread.currentThread() == writer) {
            return;
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
