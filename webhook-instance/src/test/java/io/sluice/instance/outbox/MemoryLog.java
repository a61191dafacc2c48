package io.sluice.instance.outbox;

import io.sluice.journal.JournalStatus;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A log that forces when told to, and can lose everything that was not forced. Discards exactly what it is allowed to, record by record, so that one
 * that was still needed shows.
 */
final class MemoryLog implements EventLog {
    private record Waiting(long sequence, Buffer record, CompletableFuture<Long> written) {}

    private final TreeMap<Long, byte[]> forced = new TreeMap<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long next = 1;
    OutboxException.@Nullable Reason refuse;
    boolean refuseReserved;
    long maxBytes = Long.MAX_VALUE;
    private @Nullable Hidden hiding;

    /** A record whose writer is told later than others'. */
    static final class Hidden {
        private final CompletableFuture<Long> seen = new CompletableFuture<>();
        private CompletableFuture<Long> written = new CompletableFuture<>();

        void reveal() {
            seen.complete(written.join());
        }
    }

    /** The writer of the next record is not told before {@link Hidden#reveal}. */
    synchronized Hidden hideNext() {
        Hidden hidden = new Hidden();
        hiding = hidden;
        return hidden;
    }

    @Override
    public synchronized CompletableFuture<Long> append(byte[] record) {
        return refuse == null ? enqueue(record) : failed(refuse);
    }

    @Override
    public synchronized CompletableFuture<Long> appendReserved(byte[] record) {
        return refuseReserved ? append(record) : enqueue(record);
    }

    private static CompletableFuture<Long> failed(OutboxException.Reason reason) {
        return CompletableFuture.failedFuture(new OutboxException(reason, null));
    }

    /** Loses what waits to be forced, and tells its writers. */
    void failWaiting(OutboxException.Reason reason) {
        List<Waiting> lost;
        synchronized (this) {
            lost = List.copyOf(waiting);
            waiting.clear();
        }
        lost.forEach(record -> record.written().completeExceptionally(new OutboxException(reason, null)));
    }

    private CompletableFuture<Long> enqueue(byte[] record) {
        if (bytes() + record.length > maxBytes) {
            return failed(OutboxException.Reason.FULL);
        }
        CompletableFuture<Long> written = new CompletableFuture<>();
        waiting.add(new Waiting(next++, Buffer.buffer(record), written));
        Hidden hidden = hiding;
        if (hidden != null) {
            hiding = null;
            hidden.written = written;
            return hidden.seen;
        }
        return written;
    }

    /** Forces the oldest {@code most} records and tells their writers. */
    void force(int most) {
        List<Waiting> batch = new ArrayList<>();
        synchronized (this) {
            while (!waiting.isEmpty() && batch.size() < most) {
                Waiting oldest = waiting.remove();
                forced.put(oldest.sequence(), oldest.record().getBytes());
                batch.add(oldest);
            }
        }
        batch.forEach(done -> done.written().complete(done.sequence()));
    }

    void forceAll() {
        while (unforced() > 0) {
            force(Integer.MAX_VALUE);
        }
    }

    synchronized int unforced() {
        return waiting.size();
    }

    /** What a new process finds: all that was forced, and of the rest a beginning of this length, which the disk happened to have. */
    synchronized MemoryLog crash(int luckyRecords) {
        MemoryLog after = new MemoryLog();
        after.forced.putAll(forced);
        waiting.stream()
                .limit(luckyRecords)
                .forEach(lucky ->
                        after.forced.put(lucky.sequence(), lucky.record().getBytes()));
        after.next = after.forced.isEmpty() ? next : after.forced.lastKey() + 1;
        return after;
    }

    synchronized void damage(long sequence, byte[] other) {
        forced.put(sequence, other);
    }

    synchronized void replay(Recovered recovered) {
        forced.forEach(recovered::record);
    }

    synchronized int records() {
        return forced.size();
    }

    @Override
    public synchronized byte[] read(long sequence) {
        byte[] record = forced.get(sequence);
        if (record == null) {
            throw new OutboxException(
                    OutboxException.Reason.DISK_ERROR, new NoSuchElementException("record " + sequence));
        }
        return record;
    }

    @Override
    public synchronized CompletableFuture<Void> discardBefore(long sequence) {
        forced.headMap(sequence, false).clear();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized JournalStatus status() {
        long last = forced.isEmpty() ? next - 1 : forced.lastKey();
        return new JournalStatus(true, null, forced.isEmpty() ? last + 1 : forced.firstKey(), last, bytes());
    }

    private synchronized long bytes() {
        return forced.values().stream().mapToLong(record -> record.length).sum()
                + waiting.stream().mapToLong(record -> record.record().length()).sum();
    }

    @Override
    public void close() {
        refuse = OutboxException.Reason.CLOSED;
        refuseReserved = true;
    }
}
