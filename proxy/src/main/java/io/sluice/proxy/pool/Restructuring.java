package io.sluice.proxy.pool;

import io.sluice.proxy.api.RouteChange;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes changes of which pools and routes there are, on the writer's thread: plan → have everything prepared and so checked → one append and
 * one force → new pools, changed pools, routes, in this order, so that no request finds a route that leads nowhere. A pool that goes is
 * only let go of: what found it before keeps it.
 */
final class Restructuring {
    private static final Logger LOG = LoggerFactory.getLogger(Restructuring.class);

    private final PoolJournal journal;
    private final StoredPools stored;
    private final PoolDirectory directory;
    private final Interpreter interpreter;
    private final Consumer<Backend> onQuiet;
    private final Clock clock;

    /** @param onQuiet told when the last request of a closed backend has finished */
    Restructuring(
            PoolJournal journal,
            StoredPools stored,
            PoolDirectory directory,
            Interpreter interpreter,
            Consumer<Backend> onQuiet,
            Clock clock) {
        this.journal = journal;
        this.stored = stored;
        this.directory = directory;
        this.interpreter = interpreter;
        this.onQuiet = onQuiet;
        this.clock = clock;
    }

    /** Makes a change, or fails {@code answer} with why not. */
    void perform(StructureRequest request, CompletableFuture<StructureResult> answer) {
        try {
            answer.complete(perform(request));
        } catch (PoolStoreException e) {
            LOG.error("a change of routes or pools could not be kept: {}", e.getMessage());
            Refusal refusal = e.outcomeUnknown() ? Refusal.OUTCOME_UNKNOWN : Refusal.JOURNAL_UNAVAILABLE;
            answer.completeExceptionally(new ChangeRefusedException(refusal, String.valueOf(e.getMessage())));
        } catch (ChangeRefusedException e) {
            answer.completeExceptionally(e);
        } catch (RuntimeException e) {
            LOG.error("a change of routes or pools failed", e);
            answer.completeExceptionally(e);
        }
    }

    private StructureResult perform(StructureRequest request) {
        Wishes before = directory.wishes();
        StructurePlanner planner =
                new StructurePlanner(before, request, interpreter, stored.file().orElse(null));
        Wishes after = planner.plan().after(before, stored);
        Interpreter.Prepared prepared = interpreter.prepare(after.structure(), taken(request));
        for (PoolState pool : after.pools()) {
            BackendPool live = directory.find(pool.pool());
            if (live != null) {
                new FloorCheck(live).check(live.snapshot().state(), pool);
            }
        }
        List<PoolRecord> records =
                new WishRecords(clock.instant(), request.author(), request.reason()).between(before, after);
        StructureResult result = new StructureResult(after.routes(), changes(records), planner.created());
        if (!request.dryRun()) {
            FileContents taken = taken(request);
            if (taken != null && !taken.equals(stored.file().orElse(null))) {
                records.add(PoolRecord.FileApplied.of(taken));
            }
            journal.write(records);
            takeEffect(after, prepared);
            if (taken != null) {
                directory.set(taken);
            }
        }
        return result;
    }

    private static @Nullable FileContents taken(StructureRequest request) {
        return request.change() instanceof StructureChange.TakeFile taken ? taken.file() : null;
    }

    void takeEffect(Wishes after, Interpreter.Prepared prepared) {
        Map<String, BackendPool> next = new LinkedHashMap<>();
        for (PoolState state : after.pools()) {
            BackendPool live = directory.find(state.pool());
            next.put(state.pool(), live == null ? newPool(state, prepared) : changed(live, state, prepared));
        }
        prepared.takeEffect(name -> Objects.requireNonNull(next.get(name), name));
        directory.set(List.copyOf(next.values()));
        directory.set(after.routes());
    }

    private BackendPool newPool(PoolState state, Interpreter.Prepared prepared) {
        PoolSettings settings = prepared.settings(state.pool());
        return new BackendPool(settings, state, backend -> settings.waitForFirstPass(), onQuiet);
    }

    private static BackendPool changed(BackendPool live, PoolState state, Interpreter.Prepared prepared) {
        PoolSettings settings = prepared.settings(state.pool());
        if (!live.snapshot().state().equals(state) || !live.settings().equals(settings)) {
            live.reconfigure(settings, state);
        }
        return live;
    }

    private static List<String> changes(List<PoolRecord> records) {
        List<String> names = new ArrayList<>();
        for (PoolRecord record : records) {
            if (record instanceof PoolRecord.Changed changed) {
                names.add("pools." + changed.entry().pool());
            } else if (record instanceof PoolRecord.PoolDropped dropped) {
                names.add("pools." + dropped.pool());
            } else if (record instanceof PoolRecord.RoutesChanged changed) {
                changed.entry().changes().forEach(change -> names.add(name(change)));
            }
        }
        return names;
    }

    private static String name(RouteChange change) {
        return switch (change.op()) {
            case PUT_ROUTE, REMOVE_ROUTE -> "routes." + change.name();
            case REORDER -> "routes (order)";
            case SET_RATE_LIMITS -> "rate-limits";
        };
    }
}
