package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts and ends drains, on the writer's thread.
 *
 * <p>What a drain's end needs of the journal: {@code drained} and {@code cancelled} follow from the holds after a restart, when nothing runs,
 * so they are announced at once and journalled with the next turn. {@code timed_out} does not, and is journalled first.
 */
final class DrainKeeper {
    private final PoolJournal journal;
    private final Drains drains;
    private final PastDrains past;
    private final PoolDirectory pools;
    private final Clock clock;
    private final String bootId;

    DrainKeeper(
            PoolJournal journal, StoredPools stored, Drains drains, PoolDirectory pools, Clock clock, String bootId) {
        this.journal = journal;
        this.drains = drains;
        this.past = new PastDrains(stored, drains, clock, bootId);
        this.pools = pools;
        this.clock = clock;
        this.bootId = bootId;
    }

    /** Takes in those that an earlier process has started; once, before the first turn. */
    void restore() {
        past.restore(this::backend).forEach(end -> journal.note(new PoolRecord.DrainEnded(end)));
    }

    private @Nullable Backend backend(DrainOperation drain) {
        BackendPool pool = pools.find(drain.pool());
        return pool == null
                ? null
                : pool.snapshot()
                        .backend(drain.backend())
                        .filter(backend -> backend.incarnation() == drain.incarnation())
                        .orElse(null);
    }

    /** The drains that a plan wants started. */
    List<DrainOperation> operations(Plan plan, Instant now) {
        return plan.starts().stream()
                .map(start -> new DrainOperation(
                        start.operation(),
                        plan.after().pool(),
                        start.backend(),
                        start.hold(),
                        start.incarnation(),
                        plan.after().revision(),
                        DrainState.DRAINING,
                        0,
                        null,
                        now,
                        now.plus(start.timeout()),
                        null,
                        bootId))
                .toList();
    }

    /** @param before the pool as it was before the change that starts this one */
    void start(BackendPool pool, DrainOperation operation, PoolSnapshot before) {
        Optional<Backend> backend = before.backend(operation.backend())
                .filter(known -> known.incarnation() == operation.incarnation())
                .or(() -> pool.snapshot().backend(operation.backend()));
        if (backend.isEmpty()) {
            // Put and removed by the same request: it never got anything.
            drains.restore(Drain.copy(operation, DrainState.DRAINED, 0, null, operation.startedAt()));
            return;
        }
        Drain drain = drains.start(operation, backend.get());
        pool.announceDrain(operation);
        if (drain.isQuiet()) {
            endAndNote(drain, DrainState.DRAINED);
        }
    }

    /** When the next one times out. */
    Optional<Instant> nextDeadline() {
        return drains.nextDeadline();
    }

    /** Those whose time is over while something runs, with their ends, which have to be journalled before {@link #end}. */
    Map<Drain, DrainOperation> overdue() {
        Instant now = clock.instant();
        Map<Drain, DrainOperation> overdue = new LinkedHashMap<>();
        drains.running(drain -> !drain.deadline().isAfter(now)).forEach(drain -> {
            if (!drain.isQuiet()) {
                overdue.put(drain, drain.endAs(DrainState.TIMED_OUT, now));
            }
        });
        return overdue;
    }

    void endQuiet() {
        drains.running(Drain::isQuiet).forEach(drain -> endAndNote(drain, DrainState.DRAINED));
    }

    /** Ends it before its hold goes: drained if it has, else cancelled. */
    void endWithItsHold(String id) {
        drains.find(id)
                .ifPresent(drain -> endAndNote(drain, drain.isQuiet() ? DrainState.DRAINED : DrainState.CANCELLED));
    }

    private void endAndNote(Drain drain, DrainState state) {
        DrainOperation end = drain.endAs(state, clock.instant());
        if (end(drain, end)) {
            journal.note(new PoolRecord.DrainEnded(end));
        }
    }

    /** Ends it and announces that, unless it has ended; returns whether it did. */
    boolean end(Drain drain, DrainOperation as) {
        boolean first = drains.end(drain, as);
        BackendPool pool = pools.find(as.pool());
        if (first && pool != null) {
            pool.announceDrain(as);
        }
        return first;
    }

    /** Nobody can ask for these any more. */
    void forget(List<String> ids) {
        drains.forget(ids);
    }

    /** How the drains with these ids are now. */
    List<DrainOperation> views(PoolState pool, List<String> ids) {
        return ids.stream()
                .map(id -> drains.find(id).or(() -> past.restoreLost(pool, id)))
                .flatMap(Optional::stream)
                .map(Drain::view)
                .toList();
    }
}
