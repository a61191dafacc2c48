package io.sluice.instance.outbox;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.instance.outbox.OutboxRecord.Mark;
import io.sluice.instance.outbox.OutboxRecord.Marks;
import io.sluice.instance.outbox.OutboxRecord.Moved;
import io.sluice.instance.outbox.OutboxRecord.StepState;
import io.sluice.journal.JournalStatus;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees segments of the log, as the cleaner of a log-structured file system does (Rosenblum and Ousterhout, 1991): once enough bytes belong to
 * events that are over, the few live ones in the older half are written again at the end, and the segments that then hold nothing live are
 * discarded. So one event that cannot be delivered for days does not pin everything that came after it.
 *
 * <p>Nothing is discarded before its copy is on disk. A copy carries the steps' state at the moment of its append, under the lock, so changes
 * that come later are also later in the log.
 */
final class Reclaimer {
    private static final Logger LOG = LoggerFactory.getLogger(Reclaimer.class);

    /** So many segments' worth of dead bytes before it pays to tidy. */
    private static final int DEAD_SEGMENTS = 2;

    private static final int MARKS_PER_RECORD = 1000;

    private final Object lock;
    private final EventLog log;
    private final OutboxSettings settings;
    private final Clock clock;

    @GuardedBy("lock")
    private final PendingIndex index;

    @GuardedBy("lock")
    private final DedupIndex dedup;

    @GuardedBy("lock")
    private final WritesInFlight writes;

    Reclaimer(
            Object lock,
            EventLog log,
            PendingIndex index,
            DedupIndex dedup,
            WritesInFlight writes,
            OutboxSettings settings,
            Clock clock) {
        this.lock = lock;
        this.log = log;
        this.index = index;
        this.dedup = dedup;
        this.writes = writes;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * One round. Blocks. A step that fails is tried again at the next round and holds up no other: a log that is full has no room for copies, and
     * what is over must go all the same.
     */
    void run() {
        JournalStatus status = log.status();
        long deadBytes = status.bytes() - liveBytes();
        if (!status.writable() || deadBytes < worthwhileBytes()) {
            return;
        }
        long cut = status.firstSequence() + (status.lastSequence() - status.firstSequence()) / 2 + 1;
        // a part of the reserve is left for outcomes
        long room = settings.maxBytes() - status.bytes() - settings.reserveBytes() / 4;
        attempt("copy events forward", () -> copyForward(cut, deadBytes / 4, room));
        attempt("keep the marks of events that were seen", () -> keepMarks(cut));
        attempt(
                "discard what is over",
                () -> log.discardBefore(Math.min(cut, firstNeeded())).join());
    }

    /** Less than the quota leaves to events, or a small log would be full before it pays to tidy. */
    private long worthwhileBytes() {
        return Math.min(DEAD_SEGMENTS * settings.segmentBytes(), (settings.maxBytes() - settings.reserveBytes()) / 4);
    }

    private static void attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (OutboxException | CompletionException e) {
            LOG.warn("outbox not tidied, cannot {}: {}", what, e.getMessage());
        }
    }

    private long liveBytes() {
        synchronized (lock) {
            return index.liveBytes();
        }
    }

    private long firstNeeded() {
        synchronized (lock) {
            return Math.min(index.firstLocation(), writes.lowest());
        }
    }

    /** Stops after {@code enough} bytes, and before there would be more than {@code room}. */
    private void copyForward(long cut, long enough, long room) {
        List<Entry> old;
        synchronized (lock) {
            old = index.before(cut);
        }
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        long copied = 0;
        for (Entry entry : old) {
            if (copied > enough) {
                break;
            }
            try {
                byte[] record = log.read(locationOf(entry));
                if (copied + record.length > room) {
                    break;
                }
                copied += record.length;
                last = last.thenCombine(copy(entry, RecordCodec.decodeEvent(record)), (a, b) -> null);
            } catch (OutboxException | UncheckedIOException e) {
                // stays where it is, and keeps its segment; its delivery reports the damage
                LOG.warn("event {} cannot be read back", entry.eventId, e);
            }
        }
        last.join();
    }

    private long locationOf(Entry entry) {
        synchronized (lock) {
            return entry.location;
        }
    }

    private CompletableFuture<Void> copy(Entry entry, OutboxEvent event) {
        CompletableFuture<Long> written;
        int bytes;
        synchronized (lock) {
            if (index.find(entry.id) == null) {
                return CompletableFuture.completedFuture(null);
            }
            List<StepState> states = entry.steps.stream().map(StepState::of).toList();
            byte[] record = RecordCodec.encode(new Moved(entry.id, states, event));
            bytes = record.length;
            written = log.appendReserved(record);
        }
        return written.thenAccept(sequence -> {
            synchronized (lock) {
                if (index.find(entry.id) != null) {
                    index.relocate(entry, sequence, bytes);
                }
            }
        });
    }

    private void keepMarks(long cut) {
        List<Mark> old;
        synchronized (lock) {
            old = dedup.homedBefore(cut, clock.millis());
        }
        for (int from = 0; from < old.size(); from += MARKS_PER_RECORD) {
            List<Mark> some = old.subList(from, Math.min(old.size(), from + MARKS_PER_RECORD));
            long home = log.appendReserved(RecordCodec.encode(new Marks(some))).join();
            synchronized (lock) {
                some.forEach(mark -> dedup.rehome(mark, home));
            }
        }
    }
}
