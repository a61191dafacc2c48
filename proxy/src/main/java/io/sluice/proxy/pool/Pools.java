package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.JournalPage;
import io.sluice.proxy.api.Origin;
import io.sluice.proxy.api.RouteJournalPage;
import io.sluice.service.json.Json;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All pools of one proxy process, and the one way to change them. Thread-safe; futures complete on the writer's thread.
 *
 * <p>For a process that is replaced: {@link #release} ends the changing and lets go of the journal while the pools live on; then the process that has taken
 * its place says how they change ({@link #follow}), or it comes to nothing and they are changed here again ({@link #resume}).
 */
public final class Pools implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pools.class);

    private static final String AUTHOR = "file";

    private final PoolDirectory pools;
    private final Interpreter interpreter;
    private final Clock clock;
    private final String bootId;
    private final Predecessor predecessor;
    private final Drains drains;
    private final Leaving leaving = new Leaving();
    private final Map<String, ObjectNode> found = new HashMap<>();
    private volatile Tenure tenure;

    /** From when this process may change the pools until it may not. */
    private record Tenure(StoredPools stored, PoolStore store, PoolWriter writer) {}

    private Pools(
            FileContents file,
            StoredPools stored,
            PoolStore store,
            Interpreter interpreter,
            Predecessor predecessor,
            Clock clock,
            String bootId) {
        this.pools = new PoolDirectory(file);
        this.interpreter = interpreter;
        this.clock = clock;
        this.bootId = bootId;
        this.predecessor = predecessor;
        this.drains = new Drains(predecessor);
        this.tenure = new Tenure(stored, store, newWriter(stored, store));
        Set<BackendKey> known = stored.states().stream()
                .flatMap(state -> state.backends().stream().map(backend -> BackendKey.of(state.pool(), backend)))
                .collect(Collectors.toSet());
        stored.states().forEach(state -> found.put(state.pool(), state.settings()));
        Interpreter.Prepared prepared = merge(stored, store);
        List<BackendPool> all = new ArrayList<>();
        for (PoolState state : stored.states()) {
            PoolSettings settings = prepared.settings(state.pool());
            all.add(new BackendPool(
                    settings,
                    state,
                    backend -> settings.waitForFirstPass() && !known.contains(BackendKey.of(state.pool(), backend)),
                    this::backendIsQuiet));
        }
        pools.set(all);
        pools.set(stored.routes());
        addListener(leaving);
    }

    /** For pools that do not come and go while the process runs, in a process that replaces nobody. */
    public static Pools open(List<PoolSettings> file, PoolStore store, Clock clock, String bootId) {
        return open(file, store, Predecessor.NONE, clock, bootId);
    }

    /** For pools that do not come and go while the process runs. */
    public static Pools open(
            List<PoolSettings> file, PoolStore store, Predecessor predecessor, Clock clock, String bootId) {
        return open(FileContents.of(file), store, new FixedPools(file), predecessor, clock, bootId);
    }

    /**
     * Brings back what the store holds, merges what the file changed since it was last taken in, and starts the writer. Blocks.
     *
     * @param file the pools and routes as the file describes them now
     * @param interpreter has prepared what the pools are afterwards; has to make it take effect itself
     * @param clock wall clock, for journal entries and absolute deadlines
     * @param bootId names this process in every answer
     * @throws FileConflictException when the file and the API changed the same thing to different values
     * @throws ChangeRefusedException when both together make no sense
     */
    public static Pools open(
            FileContents file,
            PoolStore store,
            Interpreter interpreter,
            Predecessor predecessor,
            Clock clock,
            String bootId) {
        Pools pools = new Pools(file, recover(store), store, interpreter, predecessor, clock, bootId);
        pools.tenure.writer().start();
        return pools;
    }

    private static StoredPools recover(PoolStore store) {
        StoredPools stored = StoredPools.recover(store.recovered());
        stored.gaps().forEach(gap -> LOG.warn("journal of pools is damaged, the rest is kept: {}", gap));
        return stored;
    }

    /** Merges the file that this process has read last into what is stored. */
    private Interpreter.Prepared merge(StoredPools stored, PoolStore store) {
        FileContents file = pools.file();
        Wishes before = new Wishes(stored.states(), stored.routes());
        Wishes after = new FileMerge(stored.file().orElse(null), file, before, Prefer.NOBODY)
                .merge()
                .after(before, stored);
        Interpreter.Prepared prepared = interpreter.prepare(after.structure(), file);
        String reason = before.pools().isEmpty() ? "first start" : "settings file changed";
        List<PoolRecord> merged = new WishRecords(clock.instant(), AUTHOR, reason).between(before, after);
        if (!stored.file().equals(Optional.of(file))) {
            merged.add(PoolRecord.FileApplied.of(file));
        }
        if (!merged.isEmpty()) {
            store.append(PoolRecord.encode(merged));
            merged.forEach(stored::take);
        }
        return prepared;
    }

    private PoolWriter newWriter(StoredPools stored, PoolStore store) {
        PoolJournal journal = new PoolJournal(store, stored);
        return new PoolWriter(journal, stored, pools, interpreter, drains, predecessor, clock, bootId);
    }

    private void backendIsQuiet(Backend backend) {
        tenure.writer().backendIsQuiet(backend);
    }

    private record BackendKey(String pool, String id, long incarnation) {
        static BackendKey of(String pool, BackendState backend) {
            return new BackendKey(pool, backend.id(), backend.incarnation());
        }
    }

    /** In the order in which they came. */
    public List<BackendPool> all() {
        return pools.all();
    }

    public Optional<BackendPool> pool(String name) {
        return Optional.ofNullable(pools.find(name));
    }

    /** The routes as they are wished now. */
    public RoutesState routes() {
        return pools.routes();
    }

    /** What the journal said of a pool at the start, before the file was merged into it, without its backends; empty when it was not there. */
    public Optional<Document> found(String pool) {
        return Optional.ofNullable(found.get(pool)).map(settings -> new Document(pool, Origin.FILE, settings));
    }

    /** The whole description of a pool, with the keys of the settings file. */
    public Document document(BackendPool pool) {
        PoolState state = pool.snapshot().state();
        return new Document(state.pool(), state.origin(), Documents.whole(state));
    }

    /** Tells it of every pool that there is, and that there will be. */
    public void addListener(PoolChangeListener listener) {
        pools.addListener(listener);
    }

    public void addListener(StructureListener listener) {
        pools.addListener(listener);
    }

    /** Fails with {@link ChangeRefusedException} when the change was not made. */
    public CompletableFuture<StructureResult> change(StructureRequest request) {
        return tenure.writer().change(request);
    }

    /** The newest entries of the routes' journal. */
    public RouteJournalPage routeJournal(int limit) {
        return new RouteJournalPage(tenure.stored().routeEntries(limit), gaps());
    }

    /** Fails with {@link ChangeRefusedException} when the change was not made. */
    public CompletableFuture<ChangeResult> change(ChangeRequest request) {
        return tenure.writer().change(request);
    }

    /** A drain as it is now. */
    public Optional<DrainOperation> drain(String id) {
        return drains.find(id).map(Drain::view);
    }

    /** Completes when that drain has ended; at once when there is none. */
    public CompletableFuture<Void> drainEnded(String id) {
        return drains.find(id)
                .map(drain -> drain.ended().<Void>thenApply(end -> null))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    /** The newest entries of a pool's journal. */
    public JournalPage journal(String pool, int limit) {
        return new JournalPage(tenure.stored().entries(pool, limit), gaps());
    }

    /** Damaged entries that were skipped at start, one line each; and that changes are not kept any more, if so. */
    public List<String> gaps() {
        List<String> gaps = new ArrayList<>(tenure.stored().gaps());
        readOnlyBecause().ifPresent(why -> gaps.add("read-only, holds are volatile: " + why));
        return gaps;
    }

    /** Why changes cannot be kept any more; empty while they can. */
    public Optional<String> readOnlyBecause() {
        return tenure.store().readOnlyBecause();
    }

    /** Makes the writer look at its deadlines now; for clocks that are not the system's. */
    void checkDeadlines() {
        tenure.writer().wake();
    }

    /** Finishes the changes that were taken, refuses all others from then on, and lets go of the store. Blocks. */
    public void release() {
        Tenure ending = tenure;
        ending.writer().close();
        ending.store().close();
    }

    /** After {@link #release}: makes states take effect that another process has stored. Calls come one after the other. */
    public void follow(byte[] states) {
        for (PoolState state : Json.read(states, PoolState[].class)) {
            pool(state.pool()).ifPresent(pool -> adopt(pool, state));
        }
        predecessor.follow(states);
    }

    private static void adopt(BackendPool pool, PoolState state) {
        if (!pool.snapshot().state().equals(state)) {
            pool.apply(state, backend -> pool.settings().waitForFirstPass());
        }
    }

    /** What runs here, and at the predecessor if there is one. Comes before or after a {@link #follow}, not meanwhile. */
    public Unfinished unfinished() {
        Map<String, Long> revisions = new HashMap<>();
        pools.all().forEach(pool -> revisions.put(pool.name(), pool.snapshot().revision()));
        Set<Backend> all = leaving.stillRunning().collect(Collectors.toSet());
        pools.all().forEach(pool -> all.addAll(pool.snapshot().backends()));
        List<Unfinished.Running> running = all.stream()
                .map(backend ->
                        new Unfinished.Running(backend.pool(), backend.id(), backend.incarnation(), backend.inFlight()))
                .filter(each -> each.inFlight() > 0)
                .toList();
        Unfinished here = new Unfinished(revisions, running);
        Unfinished there = predecessor.unfinished();
        return there == null ? here.behind() : here.plus(there);
    }

    /**
     * After {@link #release}: changes are made here again. What was stored meanwhile is taken over, except for what the other process's file
     * said. Blocks.
     *
     * @param store the same one, opened anew
     */
    public void resume(PoolStore store) {
        StoredPools stored = recover(store);
        try {
            merge(stored, store);
        } catch (FileConflictException | ChangeRefusedException e) {
            LOG.warn("pools and routes stay as the other process has made them: {}", e.getMessage());
        }
        PoolWriter writer = newWriter(stored, store);
        Wishes wishes = new Wishes(stored.states(), stored.routes());
        try {
            writer.adopt(wishes, interpreter.prepare(wishes.structure(), null));
        } catch (ChangeRefusedException e) {
            LOG.error("what the other process has made of routes and pools is of no use here: {}", e.getMessage());
        }
        tenure = new Tenure(stored, store, writer);
        writer.start();
        writer.wake();
    }

    /** Finishes the changes that were taken, then closes the store. Harmless after {@link #release}. Blocks. */
    @Override
    public void close() {
        release();
    }
}
