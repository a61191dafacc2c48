package io.sluice.instance.outbox;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.instance.outbox.OutboxRecord.Accepted;
import io.sluice.instance.outbox.OutboxRecord.Mark;
import io.sluice.instance.outbox.OutboxRecord.StepChanged;
import io.sluice.instance.outbox.OutboxRecord.StepState;
import io.sluice.journal.Journal;
import io.sluice.journal.JournalException;
import io.sluice.journal.JournalStatus;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepted webhooks until they are delivered, as a transactional outbox over an append-only log.
 *
 * <p>The log is the truth, memory an index over it: an event is there from the moment its record was forced to disk, and a restart finds every
 * step in the state that was last written, or an earlier one. Deliveries are therefore made at least once. Only the future of {@link #accept} may
 * lead to a 2xx.
 *
 * <p>One lock guards the index. A change of a step and the call that appends its record happen under it together, so that records are in the order
 * of changes; no file is read or written under it. Futures complete on the log's thread or the caller's.
 *
 * <p>A full quota refuses new events and nothing else; so does a log that turned read-only after a failed force, while deliveries go on (and
 * are made again after a restart).
 */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final Object lock = new Object();
    private final EventLog log;
    private final OutboxSettings settings;
    private final Clock clock;
    private final long damaged;
    private final Reclaimer reclaimer;

    @GuardedBy("lock")
    private final PendingIndex index;

    @GuardedBy("lock")
    private final DedupIndex dedup;

    /** First copies of a delivery id that are being written. */
    @GuardedBy("lock")
    private final Map<String, CompletableFuture<Acceptance>> reserved = new HashMap<>();

    @GuardedBy("lock")
    private final WritesInFlight writes;

    private volatile Runnable workListener = () -> {};

    /**
     * Opens the outbox in this folder and reads back what is pending. Blocks.
     *
     * @throws JournalException when the folder is in use by another process or cannot be read
     */
    public static Outbox open(Path directory, OutboxSettings settings, Clock clock) {
        DedupIndex dedup = new DedupIndex(settings.dedupEntries());
        Recovered recovered = new Recovered(dedup, clock);
        Journal journal = Journal.open(directory, settings.journal(), recovered);
        Outbox outbox = new Outbox(new JournalEventLog(journal), recovered, dedup, settings, clock);
        OutboxStatus found = outbox.status();
        LOG.info("outbox: {} events to deliver, {} dead letters", found.pending(), found.deadLetters());
        return outbox;
    }

    Outbox(EventLog log, Recovered recovered, DedupIndex dedup, OutboxSettings settings, Clock clock) {
        this.log = log;
        this.settings = settings;
        this.clock = clock;
        this.dedup = dedup;
        this.index = new PendingIndex();
        recovered.addTo(index);
        this.damaged = recovered.damaged();
        this.writes = new WritesInFlight(recovered.lastSequence());
        this.reclaimer = new Reclaimer(lock, log, index, dedup, writes, settings, clock);
    }

    /** Told, on any thread, that {@link #takeDue} may have more. One listener. */
    public void onWork(Runnable listener) {
        workListener = listener;
    }

    /**
     * Stores the event. The future completes when it is on disk, or was already: then {@link Acceptance#duplicate} is set. It fails with an
     * {@link OutboxException} that says whether nothing was stored.
     */
    public CompletableFuture<Acceptance> accept(OutboxEvent event) {
        byte[] record = RecordCodec.encode(new Accepted(event));
        CompletableFuture<Acceptance> result = new CompletableFuture<>();
        CompletableFuture<Long> written;
        WritesInFlight.Write write;
        synchronized (lock) {
            Optional<CompletableFuture<Acceptance>> earlier = earlierCopy(event);
            if (earlier.isPresent()) {
                return earlier.get();
            }
            if (index.pending() >= settings.maxPending()) {
                return CompletableFuture.failedFuture(new OutboxException(OutboxException.Reason.FULL, null));
            }
            if (event.mayBeRepeated()) {
                reserved.put(event.eventId(), result);
            }
            write = writes.begin();
            written = log.append(record);
        }
        CompletableFuture<?> unused = written.whenComplete((sequence, failure) -> {
                    if (failure == null) {
                        accepted(event, record.length, write, sequence, result);
                    } else {
                        refused(event, write, failure, result);
                    }
                })
                .exceptionally(failure -> {
                    // a bug after the write: whoever waits must hear of it, and not that nothing was stored
                    result.completeExceptionally(new OutboxException(OutboxException.Reason.UNKNOWN, failure));
                    return null;
                });
        return result;
    }

    @GuardedBy("lock")
    private Optional<CompletableFuture<Acceptance>> earlierCopy(OutboxEvent event) {
        if (!event.mayBeRepeated()) {
            return Optional.empty();
        }
        CompletableFuture<Acceptance> beingWritten = reserved.get(event.eventId());
        if (beingWritten != null) {
            return Optional.of(beingWritten.thenApply(Acceptance::asDuplicate));
        }
        Mark mark = dedup.find(event.eventId(), clock.millis());
        return mark == null ? Optional.empty() : Optional.of(CompletableFuture.completedFuture(duplicateOf(mark)));
    }

    @GuardedBy("lock")
    private Acceptance duplicateOf(Mark mark) {
        Entry entry = index.find(mark.entry());
        CompletableFuture<Settlement> settled =
                entry == null ? CompletableFuture.completedFuture(Settlement.DELIVERED) : settledOf(entry);
        return new Acceptance(mark.entry(), mark.eventId(), mark.bodySha256(), true, settled);
    }

    private static CompletableFuture<Settlement> settledOf(Entry entry) {
        CompletableFuture<Settlement> settled = entry.settled;
        if (settled == null) {
            settled = new CompletableFuture<>();
            entry.settled = settled;
            Settlement already = entry.settlement();
            if (already != null) {
                settled.complete(already);
            }
        }
        return settled;
    }

    private void accepted(
            OutboxEvent event,
            int bytes,
            WritesInFlight.Write write,
            long sequence,
            CompletableFuture<Acceptance> result) {
        Entry entry = new Entry(sequence, event, bytes);
        CompletableFuture<Settlement> settled = settledOf(entry);
        synchronized (lock) {
            writes.end(write, sequence);
            index.add(entry);
            if (event.mayBeRepeated()) {
                reserved.remove(event.eventId());
                dedup.add(Mark.of(entry, event), sequence, clock.millis());
            }
        }
        result.complete(new Acceptance(sequence, event.eventId(), event.bodySha256(), false, settled));
        workListener.run();
    }

    private void refused(
            OutboxEvent event, WritesInFlight.Write write, Throwable failure, CompletableFuture<Acceptance> result) {
        synchronized (lock) {
            writes.abandon(write);
            if (event.mayBeRepeated()) {
                reserved.remove(event.eventId());
            }
        }
        result.completeExceptionally(OutboxException.unwrapped(failure));
    }

    /** At most {@code most} steps that are due, at most {@code perLane} running at a time for one step of one webhook. */
    public List<Attempt> takeDue(Instant now, int most, int perLane) {
        synchronized (lock) {
            return index.takeDue(now.toEpochMilli(), most, perLane);
        }
    }

    /** When {@link #takeDue} will next have something by the passing of time alone. */
    public Optional<Instant> nextDue(int perLane) {
        long next;
        synchronized (lock) {
            next = index.nextDue(perLane);
        }
        return next == Long.MAX_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(next));
    }

    /**
     * Headers and body of the attempt's event, from the log. Blocks.
     *
     * @throws OutboxException when the record cannot be read
     */
    public OutboxEvent read(Attempt attempt) {
        while (true) {
            long location = locationOf(attempt.entry());
            try {
                return RecordCodec.decodeEvent(log.read(location));
            } catch (OutboxException e) {
                // copied forward between the look-up and the read
                if (locationOf(attempt.entry()) == location) {
                    throw e;
                }
            }
        }
    }

    private long locationOf(long id) {
        synchronized (lock) {
            Entry entry = index.find(id);
            if (entry == null) {
                throw new IllegalStateException("entry " + id + " has no attempt running");
            }
            return entry.location;
        }
    }

    /** The step confirmed. */
    public void delivered(Attempt attempt) {
        end(attempt, Lane.Ended.WELL, step -> step.phase = Step.Phase.DELIVERED);
    }

    /** The step failed and is due again at {@code next}. */
    public void retryAt(Attempt attempt, Instant next, String reason) {
        end(attempt, Lane.Ended.FAILED, step -> {
            step.phase = Step.Phase.WAITING;
            step.atMillis = next.toEpochMilli();
            step.reason = reason;
        });
    }

    /** The step is given up and becomes a dead letter. */
    public void dead(Attempt attempt, String reason) {
        end(attempt, Lane.Ended.UNTRIED, step -> {
            step.phase = Step.Phase.DEAD;
            step.atMillis = clock.millis();
            step.reason = reason;
        });
    }

    private void end(Attempt attempt, Lane.Ended how, StepChange change) {
        CompletableFuture<Settlement> settled;
        Settlement settlement;
        CompletableFuture<Long> written;
        synchronized (lock) {
            Entry entry = running(attempt);
            Step step = entry.steps.get(attempt.step());
            change.applyTo(step);
            written = append(entry, attempt.step());
            index.ended(entry, attempt.step(), how);
            settled = entry.settled;
            settlement = entry.settlement();
        }
        // memory is right; after a restart the step is made again
        CompletableFuture<?> unused = written.whenComplete((sequence, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "outcome of {} step {} not stored: {}",
                        attempt.eventId(),
                        attempt.stepId(),
                        failure.getMessage());
            }
        });
        if (settled != null && settlement != null) {
            settled.complete(settlement);
        }
    }

    @GuardedBy("lock")
    private Entry running(Attempt attempt) {
        Entry entry = index.find(attempt.entry());
        if (entry == null || entry.steps.get(attempt.step()).phase != Step.Phase.RUNNING) {
            throw new IllegalStateException(
                    "attempt of " + attempt.eventId() + " step " + attempt.stepId() + " ended twice");
        }
        return entry;
    }

    private CompletableFuture<Long> append(Entry entry, int step) {
        StepState state = StepState.of(entry.steps.get(step));
        return log.appendReserved(RecordCodec.encode(new StepChanged(entry.id, step, state)));
    }

    /** Dead letters after this one, in order; null matches every webhook or step. */
    public List<DeadLetter> deadLetters(
            DeadLetterId after, int most, @Nullable String webhookId, @Nullable String stepId) {
        synchronized (lock) {
            return index.deadAfter(after, most, webhookId, stepId);
        }
    }

    /** Delivers a dead letter again, as if it had just arrived, with the same event id. Completes once that is on disk; false when there is no such letter. */
    public CompletableFuture<Boolean> replay(DeadLetterId id) {
        return leaveDead(id, step -> {
            step.phase = Step.Phase.WAITING;
            step.attempts = 0;
            step.sinceMillis = clock.millis();
            step.atMillis = step.sinceMillis;
        });
    }

    /** Gives a dead letter up for good. Completes once that is on disk; false when there is no such letter. */
    public CompletableFuture<Boolean> drop(DeadLetterId id) {
        return leaveDead(id, step -> step.phase = Step.Phase.DROPPED);
    }

    private CompletableFuture<Boolean> leaveDead(DeadLetterId id, StepChange change) {
        CompletableFuture<Long> written;
        synchronized (lock) {
            Entry entry = index.find(id.entry());
            if (entry == null || !entry.hasStep(id.step()) || entry.steps.get(id.step()).phase != Step.Phase.DEAD) {
                return CompletableFuture.completedFuture(false);
            }
            change.applyTo(entry.steps.get(id.step()));
            written = append(entry, id.step());
            index.leftDead(entry, id.step());
        }
        workListener.run();
        return written.thenApply(sequence -> true);
    }

    /** Events that have a step to deliver. */
    public long pending() {
        synchronized (lock) {
            return index.pending();
        }
    }

    /** Whether an event would be taken now, without the counts of {@link #status}; cheap enough for every request. */
    public Optional<OutboxException.Reason> refusal() {
        JournalStatus journal = log.status();
        if (!journal.writable()) {
            return Optional.of(OutboxException.Reason.READ_ONLY);
        }
        boolean full =
                journal.bytes() >= settings.maxBytes() - settings.reserveBytes() || pending() >= settings.maxPending();
        return full ? Optional.of(OutboxException.Reason.FULL) : Optional.empty();
    }

    public OutboxStatus status() {
        JournalStatus journal = log.status();
        String reason = Optional.ofNullable(journal.reason())
                .orElseGet(() -> refusal().map(OutboxException.Reason::label).orElse(""));
        synchronized (lock) {
            return new OutboxStatus(
                    reason.isEmpty(),
                    reason.isEmpty() ? null : reason,
                    index.pending(),
                    index.deadLetters(),
                    index.oldestArrival(),
                    journal.bytes(),
                    damaged,
                    index.pendingByWebhook(),
                    index.deadByWebhook());
        }
    }

    /** Frees space in the log, when enough of it is used by events that are over. Blocks; to be called now and then, by one thread at a time. */
    public void tidy() {
        reclaimer.run();
    }

    /** Writes what was handed in before, then lets go of the folder. Blocks. */
    @Override
    public void close() {
        log.close();
    }

    private interface StepChange {
        void applyTo(Step step);
    }
}
