package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.JournalEntryView;
import io.sluice.service.json.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of all pools: the only one that sets a pool's snapshot, places and removes holds and ends drains.
 *
 * <p>One turn: take everything that waits → validate each change against the state that those before it lead to → one append and one
 * force for all → make each take effect → tell the callers. Because nothing else sets {@code HELD}, what it sees of a held backend's
 * count can only fall; so whether a drain ended as drained, timed out or cancelled is decided here, once, and the hints that
 * {@link Backend} gives when it falls quiet may come late or twice.
 */
final class PoolWriter {
    private static final Logger LOG = LoggerFactory.getLogger(PoolWriter.class);
    /** Nothing is due: look again after this at the latest. */
    private static final Duration IDLE = Duration.ofHours(1);

    private final PoolJournal journal;
    private final DrainKeeper drains;
    private final Clock clock;
    private final Predecessor predecessor;
    private final BlockingQueue<Command> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "pool-writer");
    private final PoolDirectory pools;
    private final Restructuring restructuring;
    private volatile boolean closed;

    private interface Command {}

    private record Change(ChangeRequest request, CompletableFuture<ChangeResult> answer) implements Command {}

    private record Restructure(StructureRequest request, CompletableFuture<StructureResult> answer)
            implements Command {}

    /** Look at what runs. */
    private record Wake() implements Command {}

    private record Planned(Change command, Plan plan, List<DrainOperation> drains) {}

    PoolWriter(
            PoolJournal journal,
            StoredPools stored,
            PoolDirectory pools,
            Interpreter interpreter,
            Drains drains,
            Predecessor predecessor,
            Clock clock,
            String bootId) {
        this.journal = journal;
        this.pools = pools;
        this.restructuring = new Restructuring(journal, stored, pools, interpreter, this::backendIsQuiet, clock);
        this.drains = new DrainKeeper(journal, stored, drains, pools, clock, bootId);
        this.clock = clock;
        this.predecessor = predecessor;
        thread.setDaemon(true);
    }

    void start() {
        drains.restore();
        tellPredecessor(pools.all());
        predecessor.onNews(this::wake);
        thread.start();
    }

    private void tellPredecessor(Collection<BackendPool> changed) {
        if (predecessor != Predecessor.NONE) {
            predecessor.follow(Json.writeBytes(
                    changed.stream().map(pool -> pool.snapshot().state()).toList()));
        }
    }

    CompletableFuture<ChangeResult> change(ChangeRequest request) {
        Change command = new Change(request, new CompletableFuture<>());
        queue.add(command);
        if (closed) {
            refuseRest();
        }
        return command.answer();
    }

    CompletableFuture<StructureResult> change(StructureRequest request) {
        Restructure command = new Restructure(request, new CompletableFuture<>());
        queue.add(command);
        if (closed) {
            refuseRest();
        }
        return command.answer();
    }

    /** Makes wishes take effect that are stored already; only before the start. */
    void adopt(Wishes stored, Interpreter.Prepared prepared) {
        restructuring.takeEffect(stored, prepared);
    }

    void wake() {
        queue.add(new Wake());
    }

    @SuppressWarnings("UnusedVariable") // a hint: the writer looks at every running drain
    void backendIsQuiet(Backend backend) {
        wake();
    }

    void close() {
        closed = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        refuseRest();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuseRest() {
        for (Command left = queue.poll(); left != null; left = queue.poll()) {
            ChangeRefusedException late = new ChangeRefusedException(
                    Refusal.JOURNAL_UNAVAILABLE, "the proxy is shutting down or being replaced");
            if (left instanceof Change change) {
                change.answer().completeExceptionally(late);
            } else if (left instanceof Restructure change) {
                change.answer().completeExceptionally(late);
            }
        }
    }

    private void run() {
        List<Command> batch = new ArrayList<>();
        while (!closed || !queue.isEmpty()) {
            try {
                await(batch);
                turn(batch);
            } catch (InterruptedException e) {
                LOG.warn("pool writer was interrupted and goes on");
            } catch (RuntimeException e) {
                LOG.error("pool writer failed in one turn and goes on", e);
                changes(batch).forEach(change -> change.answer().completeExceptionally(e));
            }
            batch.clear();
        }
        journal.writeRest();
    }

    private void await(List<Command> batch) throws InterruptedException {
        Duration wait = drains.nextDeadline()
                .map(deadline -> Duration.between(clock.instant(), deadline))
                .orElse(IDLE);
        long millis = journal.hasNotes() ? 0 : Math.max(0, Math.min(wait.toMillis() + 1, IDLE.toMillis()));
        Command first = queue.poll(millis, TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            queue.drainTo(batch);
        }
    }

    private static List<Change> changes(List<Command> batch) {
        return batch.stream()
                .filter(Change.class::isInstance)
                .map(Change.class::cast)
                .toList();
    }

    /** In the order in which they came; a change of the structure gets an append and a force of its own. */
    private void turn(List<Command> batch) {
        List<Command> together = new ArrayList<>();
        for (Command command : batch) {
            if (command instanceof Restructure restructure) {
                turnOfChanges(together);
                together.clear();
                restructuring.perform(restructure.request(), restructure.answer());
                tellPredecessor(pools.all());
            } else {
                together.add(command);
            }
        }
        turnOfChanges(together);
    }

    private void turnOfChanges(List<Command> batch) {
        List<Planned> planned = plan(changes(batch));
        Map<Drain, DrainOperation> overdue = drains.overdue();
        List<PoolRecord> records = new ArrayList<>();
        planned.stream().filter(each -> each.plan().changesAnything()).forEach(each -> records.add(record(each)));
        overdue.values().forEach(end -> records.add(new PoolRecord.DrainEnded(end)));
        try {
            journal.write(records);
            planned.forEach(this::takeStoredEffect);
        } catch (PoolStoreException e) {
            LOG.error("changes of pools could not be kept: {}", e.getMessage());
            planned.forEach(each -> withoutJournal(each.command(), e));
        }
        overdue.forEach(drains::end);
        drains.endQuiet();
        drains.forget(journal.compactSometimes());
    }

    private List<Planned> plan(List<Change> changes) {
        Map<String, PoolState> ahead = new HashMap<>();
        List<Planned> planned = new ArrayList<>();
        for (Change command : changes) {
            try {
                BackendPool pool = pool(command.request());
                PoolState before =
                        ahead.getOrDefault(pool.name(), pool.snapshot().state());
                Planned next = plan(command, pool, before, true);
                ahead.put(pool.name(), next.plan().after());
                planned.add(next);
            } catch (ChangeRefusedException e) {
                command.answer().completeExceptionally(e);
            }
        }
        return planned;
    }

    private Planned plan(Change command, BackendPool pool, PoolState before, boolean durable) {
        Instant now = clock.instant();
        Plan plan = new Planner(before, command.request(), pool, now, durable).plan();
        return new Planned(command, plan, drains.operations(plan, now));
    }

    private BackendPool pool(ChangeRequest request) {
        BackendPool pool = pools.find(request.pool());
        if (pool == null) {
            throw new ChangeRefusedException(Refusal.UNKNOWN_POOL, "there is no pool " + request.pool());
        }
        return pool;
    }

    private PoolRecord record(Planned planned) {
        Plan plan = planned.plan();
        ChangeRequest request = planned.command().request();
        JournalEntryView entry = new JournalEntryView(
                request.pool(),
                plan.before().revision(),
                plan.after().revision(),
                clock.instant(),
                request.author(),
                request.reason(),
                request.epoch(),
                plan.changes(),
                null);
        return new PoolRecord.Changed(entry, PoolRecord.AfterImage.of(plan.before(), plan.after()), planned.drains());
    }

    /** The journal has it, so that those after it in the same turn must take effect whatever becomes of this one. */
    private void takeStoredEffect(Planned planned) {
        try {
            takeEffect(planned, true);
        } catch (RuntimeException e) {
            LOG.error(
                    "a change of pool {} was kept but failed to take effect",
                    planned.plan().after().pool(),
                    e);
            planned.command().answer().completeExceptionally(e);
        }
    }

    private void takeEffect(Planned planned, boolean durable) {
        Plan plan = planned.plan();
        BackendPool pool = Objects.requireNonNull(pools.find(plan.after().pool()));
        PoolSnapshot before = pool.snapshot();
        // Decided before the hold goes: afterwards requests may start again.
        plan.ends().forEach(drains::endWithItsHold);
        if (plan.changesAnything()) {
            pool.apply(plan.after(), backend -> pool.settings().waitForFirstPass());
            tellPredecessor(List.of(pool));
        }
        for (DrainOperation operation : planned.drains()) {
            drains.start(pool, operation, before);
        }
        planned.command().answer().complete(result(pool, plan, durable));
    }

    private ChangeResult result(BackendPool pool, Plan plan, boolean durable) {
        List<DrainOperation> asked = drains.views(pool.snapshot().state(), plan.asked());
        return new ChangeResult(pool.snapshot(), plan.changesAnything(), plan.created(), durable, asked);
    }

    /** Keeping a backend out must work whatever the disk does; everything else is refused. */
    private void withoutJournal(Change command, PoolStoreException cause) {
        try {
            if (cause.outcomeUnknown()) {
                throw new ChangeRefusedException(Refusal.OUTCOME_UNKNOWN, String.valueOf(cause.getMessage()));
            }
            BackendPool pool = pool(command.request());
            Planned planned = plan(command, pool, pool.snapshot().state(), false);
            if (!planned.plan().canDoWithoutJournal()) {
                throw new ChangeRefusedException(Refusal.JOURNAL_UNAVAILABLE, String.valueOf(cause.getMessage()));
            }
            boolean changes = planned.plan().changesAnything();
            if (changes) {
                LOG.warn(
                        "volatile, a restart will forget it: {}", planned.plan().changes());
            }
            takeEffect(planned, !changes);
        } catch (ChangeRefusedException e) {
            command.answer().completeExceptionally(e);
        }
    }
}
